import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import LogFormats

/// What is read in a quicker way is read as in the slow one.
struct ShortcutTests {
  static let seed: UInt64 = 20_240_305

  /// SplitMix64.
  private struct Numbers: RandomNumberGenerator {
    var state = ShortcutTests.seed

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  @Test func `a search by words finds what one by bytes finds`() {
    var numbers = Numbers()
    for _ in 0..<20_000 {
      let alphabet: [UInt8] = [0, 1, 0x20, 0x3D, 0x41, 0x5A, 0x5B, 0x40, 0x61, 0x80, 0xC1, 0xFF]
      let bytes = (0..<Int.random(in: 0..<40, using: &numbers)).map { _ in
        alphabet.randomElement(using: &numbers) ?? 0
      }
      let start = Int.random(in: 0...bytes.count + 2, using: &numbers)
      let span = bytes.span
      for byte in [0, 0x20, 0xFF] as [UInt8] {
        let one = bytes.indices.first { $0 >= start && bytes[$0] == byte } ?? bytes.count
        let two = bytes.indices.first { $0 >= start && [byte, 0x3D].contains(bytes[$0]) }
        #expect(span.near(byte, from: start) == one, "\(bytes) from \(start)")
        #expect(span.near(byte, or: 0x3D, from: start) == two ?? bytes.count, "\(bytes)")
      }
      #expect(span.holdsCapital == bytes.contains { (0x41...0x5A).contains($0) }, "\(bytes)")
    }
  }

  @Test func `the common beginning of a string reads what its steps read`() throws {
    var numbers = Numbers()
    let strings = [
      FormatStringTests.combined, #"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    ]
    var lines = try FormatScript(named: "combined").acceptedLines
    for line in lines {
      for _ in 0..<150 {
        var changed = line
        for _ in 0..<Int.random(in: 1...2, using: &numbers) where !changed.isEmpty {
          let place = Int.random(in: changed.indices, using: &numbers)
          switch Int.random(in: 0..<3, using: &numbers) {
          case 0: changed.remove(at: place)
          case 1: changed.insert(Array(" -\"\\[]:a0".utf8).randomElement() ?? 0, at: place)
          default: changed[place] = Array(" -\"\\[]:a0".utf8).randomElement() ?? 0
          }
        }
        lines.append(changed)
      }
    }
    var taken = 0
    for text in strings {
      let quick = try FormatString(text)
      // A text in front leaves every line to the steps.
      let slow = try FormatString("@" + text)
      guard case .access(let format) = quick.dialect.format else { continue }
      for line in lines {
        let left = FormatStringTests.record(line, format, quick)
        let right = FormatStringTests.record([UInt8(ascii: "@")] + line, format, slow)
        #expect(left == right, "\(String(decoding: line, as: UTF8.self))")
        if left != nil { taken += 1 }
      }
    }
    #expect(taken > 500)
  }

  @Test func `pairs in another order are found under their own names`() throws {
    var numbers = Numbers()
    let pairs = Logfmt.example.split(separator: " ").map(String.init)
    let longest = ["http_response_status_code=404", "x=1", "flag", "method_of_more=1"]
    var known = AccessContext()
    known.durationUnit.settle()
    for _ in 0..<2_000 {
      var line = pairs.shuffled(using: &numbers)
      if Bool.random(using: &numbers) {
        line.insert(longest.randomElement(using: &numbers) ?? "", at: 0)
      }
      let bytes = Array(line.joined(separator: " ").utf8)
      var fresh = AccessContext()
      fresh.durationUnit.settle()
      #expect(Self.words(bytes, &known) == Self.words(bytes, &fresh), "\(line)")
    }
    // The same words in a line of another table mean something else.
    var record = AccessRecord()
    known.scratch = []
    let router = Array(HerokuRouter.example.utf8)
    try HerokuRouter.parse(router.span, in: &known, into: &record)
    #expect(record.status == 200 && record.duration == 123_000)
  }

  private static func words(_ bytes: [UInt8], _ context: inout AccessContext) -> [String] {
    var record = AccessRecord()
    context.scratch = []
    do throws(LineError) {
      try Logfmt.parse(bytes.span, in: &context, into: &record)
    } catch {
      return ["\(error.reason) at \(error.column)"]
    }
    return FormatStringTests.names.map { name in
      FormatText.value(of: name, in: record, line: bytes.span, scratch: context.scratch.span)
        ?? "?"
    }
  }

  // MARK: Units and wrappers' stamps

  private static let micros: [String: Int64] = ["s": 1_000_000, "ms": 1_000, "µs": 1]

  @Test(arguments: FormatDialect.allCases)
  func `the units that are listed are those that are read`(_ dialect: FormatDialect) throws {
    let frames: [FormatDialect: (string: String, line: String)] = [
      .nginx: (
        "$remote_addr [$time_local] $status ", "203.0.113.7 [05/Mar/2024:14:03:22 +0000] 200"
      ),
      .apache: ("%h %t %>s ", "203.0.113.7 [05/Mar/2024:14:03:22 +0000] 200"),
      .haproxy: ("%ci [%tr] %ST ", "203.0.113.7 [05/Mar/2024:14:03:22.000] 200"),
      .envoy: ("[%START_TIME%] %RESPONSE_CODE% ", "[2024-03-05T14:03:22.000Z] 200"),
    ]
    let frame = try #require(frames[dialect])
    for unit in dialect.units {
      let factor = try #require(Self.micros[unit.unit])
      if unit.isMoment {
        let digits = unit.unit == "s" ? "" : unit.unit == "ms" ? "000" : "000000"
        let status = dialect == .haproxy ? "%ST" : dialect == .nginx ? "$status" : "%>s"
        let record = try FormatStringTests.record(
          "200 1709647402\(digits)", by: "\(dialect.rawValue):\(status) \(unit.directive)")
        #expect(record["time"]?.hasPrefix("2024-03-05T14:03:22") == true, "\(unit.directive)")
      } else {
        let record = try FormatStringTests.record(
          "\(frame.line) 7", by: "\(dialect.rawValue):\(frame.string)\(unit.directive)")
        let found = [record["duration_us"], record["upstream_us"]]
        #expect(found.contains("\(7 * factor)"), "\(unit.directive)")
      }
    }
  }

  @Test func `a klog line behind a wrapper has the wrapper's year`() throws {
    let line = "2017-07-16T18:02:30.975112345Z stderr F \(ClusterAutoscaler.example)\n"
    let (end, sink) = readMember(line + line)
    #expect(end.format == ClusterAutoscaler.name)
    let event = try #require(sink.events.first)
    #expect(!event.lacksYear)
    #expect(CivilTime(event.time).year == 2017)
    let bare = readMember(ClusterAutoscaler.example + "\n").sink
    #expect(bare.events.first?.lacksYear == true)
  }
}
