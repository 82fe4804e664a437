import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import LogFormats

/// Whole members of wrong bytes: found out, cut and read without a crash, and the same whatever the blocks.
@Suite struct MemberFuzzTests {
  /// Some lines of a few formats, each maybe changed, as a folder of an outage may hold them.
  private static func member(_ numbers: inout FuzzNumbers) -> [UInt8] {
    let names = FormatFuzzTests.lines.keys.sorted()
    var bytes: [UInt8] = []
    for _ in 0...numbers.below(3) {
      let lines = FormatFuzzTests.lines[names[numbers.below(names.count)]] ?? []
      for _ in 0..<numbers.below(60) where !lines.isEmpty {
        let line = lines[numbers.below(lines.count)]
        bytes +=
          numbers.below(3) > 0
          ? line : ByteMutation.mutated(line, with: FormatFuzzTests.any(&numbers), &numbers)
        bytes += [[10], [13, 10], [10, 10]][numbers.below(8) == 0 ? 1 + numbers.below(2) : 0]
      }
    }
    return numbers.below(6) == 0
      ? ByteMutation.mutated(bytes, with: FormatFuzzTests.any(&numbers), &numbers) : bytes
  }

  @Test func `every line of a member of noise is told once, whatever the blocks`() {
    let rounds = FuzzRounds("member", count: 12)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      let bytes = Self.member(&numbers)
      rounds.keep(bytes)
      let (end, sink) = readMember(bytes, width: 1 + numbers.below(5_000))
      let told = sink.records + sink.rejected.count + sink.passed
      let places = Set(sink.events.map(\.position.offset)).count
      #expect(
        end.lines == told + places,
        "\(rounds.words), round \(round), \(end.format ?? "-") \(end.problems)")
      let (otherEnd, other) = readMember(bytes, width: 1 + numbers.below(70_000))
      #expect(sink.told == other.told, "\(rounds.words), round \(round)")
      #expect(end.format == otherEnd.format, "\(rounds.words), round \(round)")
    }
  }

  private static let documents: [[UInt8]] = FormatRegistry.capacity.flatMap { format in
    (try? FormatScript(named: format.name).documents) ?? []
  }

  @Test func `a mutated document keeps its count of objects`() {
    let rounds = FuzzRounds("document", count: 150)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      let bytes = ByteMutation.mutated(
        Self.documents[round % Self.documents.count], with: FormatFuzzTests.any(&numbers), &numbers)
      rounds.keep(bytes)
      let (end, sink) = readMember(bytes, width: 1 + numbers.below(200))
      let told = Set(sink.events.map(\.position.offset)).count
      #expect(
        end.lines == told + sink.rejected.count + sink.passed, "\(rounds.words), round \(round)")
    }
  }

  @Test func `the splitter cuts the same pieces whatever the blocks`() {
    let rounds = FuzzRounds("splitter", count: 150)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      var bytes = Self.documents[numbers.below(Self.documents.count)]
      if numbers.below(2) == 0 { bytes += Self.documents[numbers.below(Self.documents.count)] }
      bytes = ByteMutation.mutated(bytes, with: FormatFuzzTests.any(&numbers), &numbers)
      rounds.keep(bytes)
      let pieces = Self.pieces(bytes, width: bytes.count)
      let others = Self.pieces(bytes, width: 1 + numbers.below(40))
      #expect(pieces == others, "\(rounds.words), round \(round)")
      for piece in pieces {
        let isBounded = piece.bytes.count <= DocumentSplitter.maximumBytes
        #expect(isBounded && piece.offset <= bytes.count, "\(rounds.words), round \(round)")
        let isInDocument = piece.offset + piece.bytes.count <= bytes.count
        #expect(piece.fault != nil || isInDocument, "\(rounds.words), round \(round)")
      }
    }
  }

  private static func pieces(_ bytes: [UInt8], width: Int) -> [DocumentSplitter.Piece] {
    var splitter = DocumentSplitter(envelopes: DocumentSplitter.knownEnvelopes)
    var pieces: [DocumentSplitter.Piece] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + width)
      pieces += splitter.consume(bytes.span.extracting(start..<end))
      start = end
    }
    return pieces + splitter.finish()
  }

  @Test func `a date in a mutated name is one or none`() {
    let rounds = FuzzRounds("file-name", count: 500)
    var numbers = FuzzNumbers(seed: rounds.seed)
    let names = ["notes-2024-03-05.md", "ex240305.log", "20240305", "2024_02_30-2024_02_29.gz"]
    for round in 0..<rounds.count {
      let bytes = ByteMutation.mutated(
        Array(names[round % names.count].utf8), with: FormatFuzzTests.any(&numbers), &numbers)
      rounds.keep(bytes)
      let date = DateInText.first(in: bytes.span)
      #expect(date.map { $0.seconds % 86_400 == 0 } ?? true, "\(rounds.words), round \(round)")
    }
  }
}
