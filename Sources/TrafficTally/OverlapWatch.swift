package import IncidentModel

/// Notices inputs that share lines as the tally does, for who counts nothing else.
package struct OverlapWatch: Sendable {
  private var prints = LinePrints()

  package init() {}

  /// Takes a request of an input.
  package mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, input: Int
  ) {
    let client =
      record.client.isEmpty
      ? 0 : ClientStore.hash(record.client.bytes(line: line, scratch: scratch))
    let time = TallyTime.seconds(ofClamped: TallyTime.clamped(record.arrival))
    prints.note(record, client: client, time, line, scratch, input: input)
  }

  /// Keeps what is held of all inputs within its bounds; to be called where one ends.
  package mutating func endOfInput() { prints.merge(LinePrints()) }

  /// What is to be said of the inputs, which come in the order of their names, by their numbers.
  package func problems(
    among inputs: [(number: Int, name: InputName)]
  ) -> [Int: [InputProblem]] {
    let names = Dictionary(inputs.map { ($0.number, $0.name) }) { first, _ in first }
    let pairs = SharedLines.pairs(prints, among: inputs.map(\.number))
    return Dictionary(grouping: pairs, by: \.input).mapValues { shared in
      shared.prefix(3).compactMap { pair in
        names[pair.other].map { pair.suspicion(in: $0, isWholeSaid: true) }
      }
    }
  }
}

extension SharedLines {
  /// From this share on all lines are shared, as far as an estimate can tell.
  private static let whole = 0.995

  /// What the reader of a report should know of it.
  ///
  /// With `isWholeSaid` a copy, which nobody has looked for, is told from what only overlaps.
  func suspicion(in other: InputName, isWholeSaid: Bool = false) -> InputProblem {
    let name = LogText(other.joined, kind: .file)
    if isWholeSaid && share >= Self.whole {
      return InputProblem(
        kind: .overlaps,
        detail:
          "all of its lines seem to stand in \(log: name) too; a report counts a copy, or the beginning of one, once"
      )
    }
    return InputProblem(
      kind: .overlaps,
      detail:
        "about \(share: share) of its lines also stand in \(log: name); they may be counted twice"
    )
  }
}
