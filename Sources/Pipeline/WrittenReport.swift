internal import Foundation

/// What is read back of a `report.json`: the fields that lead from a report to its archives.
struct WrittenReport: Decodable {
  struct Evidence: Decodable {
    var file: String
    var member: String?
    var line: Int
    var offset: Int
    /// Masked, visible, in at most 160 scalars.
    var quote: String?
  }

  struct Input: Decodable {
    var path: String
    var member: String?
    var sha256: String?
  }

  var schema: String
  /// Hex SHA-256 of the `report.md` that was written with it; nil: none was.
  var markdownSHA256: String?
  /// By id: `E12`.
  var evidence: [String: Evidence]
  var inputs: [Input]

  private enum CodingKeys: String, CodingKey {
    case schema, evidence, inputs
    case markdownSHA256 = "markdown_sha256"
  }

  /// The larger file is no report: that of a week with thousands of incidents stays below.
  private static let longest = 1 << 30

  /// Reads a report from its bytes.
  init(_ bytes: [UInt8]) throws(ReportProblem) {
    let report: WrittenReport
    do {
      report = try JSONDecoder().decode(WrittenReport.self, from: Data(bytes))
    } catch {
      throw .otherFields
    }
    guard report.schema.hasPrefix("floodmark.report/") else { throw .otherSchema }
    self = report
  }

  /// Reads a report from a file.
  init(path: String) throws(ReportProblem) {
    try self.init(Self.contents(path: path))
  }

  /// The bytes of a file that may be a report.
  static func contents(path: String) throws(ReportProblem) -> [UInt8] {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    guard size <= Self.longest, let contents = FileManager.default.contents(atPath: path) else {
      throw .unreadable
    }
    return Array(contents)
  }
}

/// Why a file is no report of floodmark's.
package enum ReportProblem: Error, Hashable {
  case unreadable, otherFields, otherSchema
}
