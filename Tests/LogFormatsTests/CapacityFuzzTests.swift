import IncidentModel
import Testing

@testable import LogFormats

/// Bytes that are wrong in every way: no capacity format may crash on them, and what it tells is bounded.
struct CapacityFuzzTests {
  private static let seed = UInt64.random(in: 0...UInt64.max)

  /// Shapes that no script holds.
  private static let extras = [
    "time,kind,group,from,to", "2018-07-16T18:02:30Z,scale_out,web,999999999999,-1", "# 2018-07-16",
    "alice  5:46 PM", #"{"ts":"1531763160.000200","text":"out of capacity"}"#,
    "I0716 18:02:30.975037 1 a.go:1] Decreasing size of g, expected=999999999 current=0 delta=-9",
    "W0229 23:59:60.999999 1 a.go:1] Disabling scale-up for node group g until 2019-01-01 00:00:00 "
      + "+0000 UTC",
  ].map { Array($0.utf8) }

  @Test(arguments: FormatRegistry.capacity.map { $0.name })
  func `mutated lines never crash, and what is told is bounded`(_ name: String) throws {
    guard case .capacity(let format)? = FormatRegistry.format(named: name) else { return }
    var random = CapacityRandom(state: Self.seed)
    let script = try FormatScript(named: name)
    let own = script.acceptedLines + script.documents
    for round in 0..<60 {
      let lines = (0..<4).map { index in
        random.mutated((index == 3 ? Self.extras : own).randomElement(using: &random) ?? [])
      }
      let reading = CapacityReading(format, lines)
      let isBounded = reading.events.allSatisfy {
        $0.text.bytes.count <= 1_024 && (1...1_000_000).contains($0.count)
          && $0.kind == $0.kind.bounded
      }
      #expect(isBounded, "CapacityRandom(state: \(Self.seed)), round \(round)")
      for line in lines { _ = format.isUnmistakable(line.span, envelope: "") }
    }
  }

  @Test func `a mutated document keeps its count of objects`() throws {
    var random = CapacityRandom(state: Self.seed)
    for format in FormatRegistry.capacity {
      for document in try FormatScript(named: format.name).documents {
        for round in 0..<12 {
          let bytes = random.mutated(document)
          let width = Int.random(in: 1...200, using: &random)
          let (end, sink) = readMember(bytes, width: width)
          let told = Set(sink.events.map(\.position)).count
          #expect(
            end.lines == told + sink.rejected.count + sink.passed,
            "CapacityRandom(state: \(Self.seed)), \(format.name), round \(round)")
        }
      }
    }
  }
}
