import IncidentModel
import Testing

@testable import LogFormats

/// Bytes that are wrong in every way: no format may crash on them.
@Suite struct FormatFuzzTests {
  private static let seed = UInt64.random(in: 0...UInt64.max)

  @Test(arguments: FormatRegistry.access.map { $0.name })
  func `a mutated line is accepted or refused`(_ name: String) throws {
    guard case .access(let format)? = FormatRegistry.format(named: name) else { return }
    var generator = SplitMix(seed: Self.seed)
    var context = AccessContext()
    let lines = try FormatScript(named: name).acceptedLines
    for line in lines where line.first == UInt8(ascii: "#") {
      context.directives.note(line.span)
    }
    for round in 0..<500 {
      let bytes = LineMutation.mutated(lines[round % lines.count], &generator)
      if bytes.first == UInt8(ascii: "#") {
        context.directives.note(bytes.span)
        continue
      }
      var record = AccessRecord()
      context.scratch.removeAll()
      context.isDetecting = round % 2 == 0
      do throws(LineError) {
        try format.parse(bytes.span, in: &context, into: &record)
        // Every range must lie within its buffer, or this traps.
        for key in ["client", "method", "path", "service", "agent", "referrer", "user", "id"] {
          let value = FormatText.value(
            of: key, in: record, line: bytes.span, scratch: context.scratch.span)
          #expect(value != nil)
        }
      } catch {
        let isInside = error.column >= 0 && error.column <= bytes.count
        #expect(isInside, "SplitMix(seed: \(Self.seed)), round \(round): \(error.reason)")
      }
    }
  }

  @Test func `a member of noise keeps its count of lines`() throws {
    var generator = SplitMix(seed: Self.seed)
    let lines = try FormatRegistry.access.flatMap {
      try FormatScript(named: $0.name).acceptedLines
    }
    for round in 0..<15 {
      var bytes: [UInt8] = []
      let wanted = generator.below(300)
      for _ in 0..<wanted {
        bytes += LineMutation.mutated(lines[generator.below(lines.count)], &generator)
        bytes.append(UInt8(ascii: "\n"))
      }
      let width = 1 + generator.below(5_000)
      let (end, sink) = readMember(bytes, width: width)
      // Noise with times of day in front may be taken for notes, whose lines become events.
      if !sink.events.isEmpty { continue }
      #expect(
        end.lines == sink.records + sink.rejected.count + sink.passed,
        "SplitMix(seed: \(Self.seed)), round \(round), \(end.format ?? "-") \(end.problems)")
    }
  }
}
