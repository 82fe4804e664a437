/// The number of a piece of evidence: `[E12]` in a report.
package struct EvidenceID: Hashable, Comparable, Sendable {
  package var number: Int

  package init(_ number: Int) {
    self.number = number
  }

  package static func < (left: EvidenceID, right: EvidenceID) -> Bool { left.number < right.number }
}

/// A line that proves a statement: where it stands and what it says.
package struct Evidence: Hashable, Sendable {
  package var id: EvidenceID
  package var position: LogPosition
  /// When the line was true, on the report's clock.
  package var time: Instant
  /// 60 where the source tells the minute only.
  package var precisionSeconds: Int
  /// The line, or the part of it that proves the statement; at most 1 KiB.
  package var quote: LogText
  /// The addresses in the quote are those of clients (an access line) and not of machines of one's own.
  package var isAccess: Bool

  package init(
    id: EvidenceID, position: LogPosition, time: Instant, precisionSeconds: Int, quote: LogText,
    isAccess: Bool
  ) {
    self.id = id
    self.position = position
    self.time = time
    self.precisionSeconds = precisionSeconds
    self.quote = quote
    self.isAccess = isAccess
  }
}

/// One statement for or against a cause, with the lines that prove it.
package struct Argument: Hashable, Sendable {
  /// A clause without full stop, such as `14 of 17 launches refused for lack of capacity`.
  package var sentence: Sentence
  /// At most three.
  package var evidence: [EvidenceID]
  /// What it adds to the cause's log-odds; negative speaks against.
  package var weight: Double

  package init(sentence: Sentence, evidence: [EvidenceID], weight: Double) {
    self.sentence = sentence
    self.evidence = evidence
    self.weight = weight
  }
}
