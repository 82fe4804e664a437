import Foundation
import IncidentModel

@testable import LogFormats

/// A script of `Fixtures/formats`: cases of expectations and the line, or document, that they are about.
///
///     accept time=2024-03-05T14:03:22.000Z status=200 path=/cart
///     203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] "GET /cart HTTP/1.1" 200 5316 "-" "curl/8.5"
///
/// `reject <reason>` marks with `▶` the byte that the error names; `event key=value …` (one line per event) and `ignore` are for capacity formats; a line `document` begins a JSON document that goes up to an empty line, and `finish` stands for the member's end.
/// `«0D»` is the byte 0D. Lines that begin with `# ` are comments, outside of documents; other lines that begin with `#` are headers of the log and need no expectation.
struct FormatScript {
  enum Expectation {
    case accept([(key: String, value: String)])
    case reject(String)
    case event([(key: String, value: String)])
    case ignore
  }

  enum Subject {
    case line([UInt8])
    case document([UInt8])
    case header([UInt8])
    case finish
  }

  struct Case {
    var number: Int
    var expectations: [Expectation]
    var subject: Subject
    /// The byte in front of which `▶` stood.
    var mark: Int?
  }

  struct Malformed: Error {
    var line: Int
  }

  let name: String
  var cases: [Case] = []

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/formats")

  /// The names of all scripts, sorted.
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".test") }.map { String($0.dropLast(5)) }.sorted()

  init(named name: String) throws {
    self.name = name
    let url = Self.folder.appendingPathComponent("\(name).test")
    let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var expectations: [Expectation] = []
    var index = 0
    while index < lines.count {
      let line = lines[index]
      index += 1
      if line.isEmpty || line.hasPrefix("# ") { continue }
      if line.hasPrefix("#") {
        let header = Subject.header(Array(line.utf8))
        cases.append(Case(number: index, expectations: [], subject: header))
        continue
      }
      if let expectation = Self.expectation(line) {
        expectations.append(expectation)
        continue
      }
      if expectations.isEmpty { throw Malformed(line: index) }
      let number = index
      var subject = Subject.finish
      var mark: Int?
      if line == "document" {
        let end = lines[index...].firstIndex(of: "") ?? lines.count
        subject = .document(Array(lines[index..<end].joined(separator: "\n").utf8))
        index = end
      } else if line != "finish" {
        let (bytes, place) = Self.bytes(of: line)
        subject = .line(bytes)
        mark = place
      }
      cases.append(Case(number: number, expectations: expectations, subject: subject, mark: mark))
      expectations = []
    }
  }

  private static func expectation(_ line: String) -> Expectation? {
    if line == "ignore" { return .ignore }
    if line.hasPrefix("accept ") { return .accept(pairs(line.dropFirst(7))) }
    if line.hasPrefix("reject ") { return .reject(String(line.dropFirst(7))) }
    if line.hasPrefix("event ") { return .event(pairs(line.dropFirst(6))) }
    return nil
  }

  /// `key=value key="a value with blanks" key='one with "quotes"'`.
  private static func pairs(_ text: Substring) -> [(key: String, value: String)] {
    var pairs: [(key: String, value: String)] = []
    var rest = text
    while let equals = rest.firstIndex(of: "=") {
      let key = rest[..<equals].trimmingCharacters(in: .whitespaces)
      rest = rest[rest.index(after: equals)...]
      let end: Substring.Index
      if let quote = rest.first, quote == "\"" || quote == "'" {
        rest = rest.dropFirst()
        end = rest.firstIndex(of: quote) ?? rest.endIndex
      } else {
        end = rest.firstIndex(of: " ") ?? rest.endIndex
      }
      pairs.append((key, String(rest[..<end])))
      rest = rest[end...].dropFirst()
    }
    return pairs
  }

  /// The bytes of a line, `«HH»` undone, and the place of its mark.
  private static func bytes(of line: String) -> (bytes: [UInt8], mark: Int?) {
    var bytes: [UInt8] = []
    var mark: Int?
    var rest = line[...]
    while let character = rest.first {
      if character == "▶" {
        mark = bytes.count
        rest = rest.dropFirst()
      } else if character == "«", let end = rest.firstIndex(of: "»"),
        let byte = UInt8(rest[rest.index(after: rest.startIndex)..<end], radix: 16)
      {
        bytes.append(byte)
        rest = rest[rest.index(after: end)...]
      } else {
        bytes += Array(String(character).utf8)
        rest = rest.dropFirst()
      }
    }
    return (bytes, mark)
  }

  /// The lines that the script accepts or ignores, and its headers.
  var acceptedLines: [[UInt8]] {
    cases.compactMap { item in
      if case .reject? = item.expectations.first { return nil }
      switch item.subject {
      case .line(let bytes), .header(let bytes): return bytes
      case .document, .finish: return nil
      }
    }
  }
}

extension Instant {
  /// `2024-03-05T14:03:22.000Z`; six digits where the microseconds are no whole milliseconds.
  var text: String {
    let civil = CivilTime(self)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let fraction =
      civil.microsecond % 1_000 == 0
      ? padded(civil.microsecond / 1_000, 3) : padded(civil.microsecond, 6)
    return "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))T"
      + "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2)).\(fraction)Z"
  }
}
