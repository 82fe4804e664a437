internal import Foundation
internal import IncidentModel
internal import ReportWriting

/// What the index of a batch reads back of each `report.json`.
struct BatchReport: Decodable {
  private struct Incident: Decodable {
    struct Impact: Decodable {
      var requests: Int
      var failed: Int
    }
    struct Finding: Decodable {
      var cause: String
      var likelihood: Double?
    }
    var service: String
    var start: String
    var end: String
    var cause: String
    var impact: Impact
    var findings: [Finding]
    /// Reports of older versions lack it: what failed in them counts.
    var detectedBy: [String]?

    enum CodingKeys: String, CodingKey {
      case service, start, end, cause, impact, findings
      case detectedBy = "detected_by"
    }

    var weight: IncidentWeight {
      IncidentWeight(
        failed: impact.failed, isByErrors: detectedBy?.contains("errors") ?? true,
        seconds: BatchReport.span(start, end)?.seconds ?? 0)
    }
  }

  private struct Group: Decodable {
    struct Refusals: Decodable {
      var reason: String
      var count: Int
      var first: String
      var last: String
      var evidence: [String]?
    }
    var refusals: [Refusals]
  }

  private var incidents: [Incident]
  private var capacity: [Group]
  /// Quotes by id.
  private var evidence: [String: Quote]?

  private struct Quote: Decodable {
    var quote: String?
  }

  /// nil where there is no such file, or it is none of floodmark's.
  init?(path: String) {
    guard let contents = FileManager.default.contents(atPath: path),
      let report = try? JSONDecoder().decode(BatchReport.self, from: contents)
    else { return nil }
    self = report
  }

  func fill(_ row: inout BatchRow) {
    row.incidents = incidents.count
    var worst: Incident?
    for incident in incidents {
      if let known = worst, known.weight >= incident.weight { continue }
      worst = incident
    }
    row.worst = worst.flatMap { incident in
      guard let span = Self.span(incident.start, incident.end) else { return nil }
      return BatchRow.Worst(
        span: span, service: incident.service, cause: Cause(rawValue: incident.cause),
        likelihood: incident.findings.first { $0.cause == incident.cause }?.likelihood,
        requests: incident.impact.requests, failed: incident.impact.failed)
    }
    row.stockOuts = capacity.flatMap(\.refusals).compactMap { refusals in
      guard refusals.reason == "insufficient-capacity" else { return nil }
      return Self.span(refusals.first, refusals.last).map { span in
        var stockOut = BatchRow.StockOut(span: span, count: refusals.count)
        stockOut.evidence = (refusals.evidence ?? []).filter(Self.isID)
        for id in stockOut.evidence { evidence?[id]?.quote.map { stockOut.read($0) } }
        return stockOut
      }
    }
  }

  /// `E12`; a report in the folder may be anybody's.
  private static func isID(_ text: String) -> Bool {
    text.hasPrefix("E") && (2...10).contains(text.utf8.count)
      && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func span(_ start: String, _ end: String) -> TimeSpan? {
    guard let start = moment(start), let end = moment(end), start <= end else { return nil }
    return TimeSpan(start: start, end: end)
  }

  private static func moment(_ text: String) -> Instant? {
    let forms = [false, true].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
    guard let date = forms.lazy.compactMap({ try? Date(text, strategy: $0) }).first else {
      return nil
    }
    return Instant(microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()))
  }
}
