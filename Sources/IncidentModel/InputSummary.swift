/// What an input was taken for.
package enum InputKind: String, Sendable {
  case access, capacity, notes, changes, alerts, skipped
}

/// Something that went wrong with an input, or that its reader must know: told in the report, never in silence.
package struct InputProblem: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case unreadable, truncated, corrupt, trailingGarbage, bomb, tooLongLine, noLogs, empty
    case unknownFormat, formatChanged, ambiguousFormat, notRegular, linkLoop, tooDeep,
      changedWhileRead
    case duplicate, encrypted, assumedYear, assumedDate, assumedZone, clockShifted, orderUnknown
    case nulBytes, invalidEncoding, transcoded, carriageReturns
    /// A baseline reaches into the window.
    case overlapsWindow
    /// It shares lines with another input though neither is a copy or the beginning of the other: a suspicion.
    case overlaps
  }
  package var kind: Kind
  /// Floodmark's own words, such as `the gzip member that begins at byte 0 ends early`; no full stop.
  package var detail: Sentence
  /// Where in the decompressed member, where that makes sense.
  package var line: Int?
  package var offset: Int?

  package init(kind: Kind, detail: Sentence, line: Int? = nil, offset: Int? = nil) {
    self.kind = kind
    self.detail = detail
    self.line = line
    self.offset = offset
  }

  /// Whether part of the input could not be read: the run's exit code is then 2.
  package var isLoss: Bool {
    switch kind {
    case .unreadable, .truncated, .corrupt, .bomb, .changedWhileRead, .encrypted, .tooDeep: true
    default: false
    }
  }
}

/// One row of the manifest: what was read of one input and what became of its lines.
package struct InputSummary: Hashable, Sendable {
  package var name: InputName
  package var kind: InputKind = .skipped
  package var format: String?
  /// The container on the way to the lines: `gzip`, nil for plain text.
  package var container: String?
  /// Size on disk of the file, in bytes.
  package var bytes: Int = 0
  package var decompressedBytes: Int = 0
  package var lines: Int = 0
  package var records: Int = 0
  package var rejected: Int = 0
  /// Lines that belong to the format and carry nothing to keep.
  package var passed: Int = 0
  package var first: Instant?
  package var last: Instant?
  /// Hex SHA-256 of the bytes on disk.
  package var sha256: String?
  package var problems: [InputProblem] = []
  /// What its stamps were taken for; nil for inputs without requests.
  package var stamp: StampMeaning?
  /// Requests outside `--from` … `--to`.
  package var outsideWindow: Int = 0
  /// The decompressed byte at which a truncated input ended.
  package var truncatedAt: Int?
  /// Index of the input whose content this one repeats; it was not counted.
  package var duplicateOf: Int?
  /// It was given to learn what is normal from (`--baseline`): nothing of it lies in the window.
  package var isBaseline = false

  package init(name: InputName) {
    self.name = name
  }
}

/// How many lines of a format were rejected for one reason, where the first and the last of them stand, and when they came.
package struct RejectSummary: Hashable, Sendable {
  /// The rejected lines of one stretch of time.
  package struct Stretch: Hashable, Sendable {
    package var start: Instant
    package var count: Int

    package init(start: Instant, count: Int) {
      self.start = start
      self.count = count
    }
  }

  package var format: String
  package var reason: String
  package var count: Int
  package var first: LogPosition
  package var last: LogPosition
  /// Ascending. A rejected line has no time that can be trusted, so it counts where the nearest accepted line in front of it in its member stands, and before the first accepted line with that one; lines of a member that has none are left out.
  package var stretches: [Stretch] = []
  /// The width of the stretches in seconds: a minute, unless there were too many of them.
  package var widthSeconds = 60

  package init(
    format: String, reason: String, count: Int, first: LogPosition, last: LogPosition? = nil
  ) {
    self.format = format
    self.reason = reason
    self.count = count
    self.first = first
    self.last = last ?? first
  }
}
