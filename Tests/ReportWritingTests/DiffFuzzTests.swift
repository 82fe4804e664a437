internal import FloodmarkTestSupport
internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// Reports that were damaged, or made to harm, held against a good one.
struct DiffFuzzTests {
  /// SplitMix64.
  private struct Noise {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
  }

  private static let whole: [UInt8] = {
    let report = ReportWriter.write(
      SampleAnalysis.whole, options: sampleOptions(), formats: [.json])
    return report.files[0].bytes
  }()

  /// Values that stand where others are expected.
  private static let odd = [
    "null", "1e999", "-1e308", "9223372036854775808", "\"\\u0000\\u202e\"", "[]", "{}", "true",
    "\"9999-99-99T99:99:99Z\"", "0.1", "-0", "\"I1\"", "[[[]]]",
  ]

  @Test func `a damaged report is refused or held against, and nothing falls over`() throws {
    let good = try ReadReport(Self.whole, name: "good.json")
    let seed: UInt64 = 20_260_101
    var noise = Noise(state: seed)
    var read = 0
    for round in 0..<400 {
      var bytes = Self.whole
      for _ in 0...noise.below(6) {
        let place = noise.below(bytes.count)
        switch round % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: noise.next())
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + noise.below(40)))
        default:
          // In the place of a value: from a colon to the next comma or line end.
          guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")),
            let end = bytes[colon...].firstIndex(where: { $0 == 0x2c || $0 == 0x0a })
          else { continue }
          let value = Self.odd[noise.below(Self.odd.count)]
          bytes.replaceSubrange(colon + 1..<end, with: Array(value.utf8))
        }
      }
      guard let bad = try? ReadReport(bytes, name: "bad\u{1B}.json") else { continue }
      read += 1
      for diff in [ReportDiff(good, bad), ReportDiff(bad, good)] {
        let scalars = (diff.text + diff.json).unicodeScalars
        let isClean = scalars.allSatisfy {
          ($0.value >= 0x20 || $0 == "\n") && $0.value != 0x202E && $0.value != 0x7F
        }
        #expect(isClean, "seed \(seed), round \(round)")
        #expect(
          (try? JSONDecoder().decode(ReadReport.Value.self, from: Data(diff.json.utf8))) != nil,
          "seed \(seed), round \(round)")
      }
    }
    #expect(read > 50)
  }

  @Test func `a moment is read as it is written and nothing else is`() {
    for text in ["2018-07-16T17:30:00Z", "2018-07-16T17:30:00.25Z", "1969-12-31T23:59:59.999999Z"] {
      #expect(ReadReport.moment(text).map(Clock.rfc3339) == text)
    }
    for text in [
      "", "Z", "2018-07-16", "2018-02-30T00:00:00Z", "2018-07-16T17:30:00.Z",
      "é018-07-16T17:30:00Z",
    ] {
      #expect(ReadReport.moment(text) == nil, "\(text)")
    }
  }

  @Test func `missing members are not told, and twins are nothing to tell`() throws {
    let bare = try ReadReport(Array("{\"schema\":\"floodmark.report/1\"}".utf8), name: "bare")
    #expect(ReportDiff(bare, bare).isEmpty)
    let good = try ReadReport(Self.whole, name: "good")
    let diff = ReportDiff(bare, good)
    #expect(!diff.isEmpty)
    #expect(diff.onlyB.count == 1)
    #expect(diff.text.contains("not told → "))
  }
}
