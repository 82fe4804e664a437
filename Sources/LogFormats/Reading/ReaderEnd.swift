package import IncidentModel

/// What a reader is told before it reads a member.
package struct ReaderOptions: Sendable {
  /// The format to use instead of finding one; nil: find it.
  package var format: LogFormat?
  /// The zone of stamps without one (`--input-time-zone`).
  package var zone: ZoneOffsets
  /// Index of the input, for positions.
  package var input: Int
  /// The member's or file's name: a date in it (`notes-2024-03-05.md`) is that of lines with a time of day only.
  package var fileName: String
  /// The format string by which the lines are read, in place of a format.
  package var string: FormatString?
  /// Columns for a W3C extended log that names none: those of other files of its series, or the one set that was given.
  package var columns: [W3CColumns] = []

  package init(
    format: LogFormat? = nil, zone: ZoneOffsets = .utc, input: Int = 0, fileName: String = "",
    string: FormatString? = nil
  ) {
    self.format = string?.dialect.format ?? format
    self.string = string
    self.zone = zone
    self.input = input
    self.fileName = fileName
  }
}

/// What a reader knows once a member has ended.
package struct ReaderEnd: Sendable {
  /// The format's name; nil: none was found.
  package var format: String?
  /// The share of held lines that the format took, 0 … 1.
  package var confidence: Double
  /// The first lines' verdict: all candidates, best first.
  package var detection: Detection?
  package var kind: InputKind
  /// Lines, or objects where the member is a JSON document: each was added, rejected or passed.
  package var lines: Int
  /// The lines of a JSON document's text; nil: the member is none.
  package var documentLines: Int?
  package var problems: [InputProblem]
  package var orderStatistic: OrderStatistic
  /// What the stamps mean: by the format, else by their order; nil: nothing tells.
  package var stampMeaning: StampMeaning?

  /// The candidates behind the winner.
  package var runnersUp: [Detection.Candidate] {
    let all = detection?.candidates ?? []
    return detection?.winner == nil ? all : Array(all.dropFirst())
  }
}
