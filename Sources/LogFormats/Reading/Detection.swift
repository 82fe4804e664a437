package import IncidentModel

/// Which format a file has, and how sure that is (FORMATS §4).
package struct Detection: Sendable {
  /// One format and how it fared with the first lines.
  package struct Candidate: Hashable, Sendable {
    package var name: String
    /// Accepted ÷ tried lines.
    package var share: Double
    package var strictness: Int
    package var kind: InputKind
    /// The first held line, counted from 1, that this format took and the next best one refused; where it refused none, the first line taken.
    package var decidingLine: Int?
  }

  /// A share of lines from which on a format may be the file's: FORMATS §4.
  package static let threshold = 0.6
  /// Lines and bytes that are held until the decision.
  package static let maximumLines = 200
  package static let maximumBytes = 65_536

  /// The one that was taken; nil: none reached the threshold.
  package private(set) var winner: Candidate?
  /// All with at least one line, best first.
  package private(set) var candidates: [Candidate] = []
  /// Other access formats that took lines which the winner refused: a file may hold several.
  private(set) var companions: [String] = []
  /// The unit of durations as the winner's lines had it.
  var durationUnit = DurationUnit()

  /// What was tried: a line, or an object of a document with its envelope.
  struct Sample {
    var bytes: [UInt8]
    var number: Int
    var envelope = ""
    /// A `#` line: it is no line of its own, but may tell the columns of those behind it.
    var isHeader = false
    /// It has no newline, so it may be cut: a format that refuses it loses nothing.
    var isUnfinished = false
  }

  /// Tries every format, or only `forced`, on the samples.
  ///
  /// `directives` are those in force in front of the samples.
  init(
    _ samples: [Sample], zone: ZoneOffsets, date: Instant?, forced: LogFormat?,
    directives: W3CDirectives = W3CDirectives(), string: FormatString? = nil
  ) {
    var trials: [Trial] = []
    let formats =
      forced.map { [$0] }
      ?? FormatRegistry.access.map { .access($0) } + FormatRegistry.capacity.map { .capacity($0) }
    for format in formats {
      let trial = Trial(format, samples, zone: zone, date: date, directives: directives, string)
      // No person writes notes under the columns of a log.
      if format.kind == .notes && forced == nil && !trial.context.directives.fields.isEmpty {
        continue
      }
      if trial.accepted > 0 || forced != nil { trials.append(trial) }
    }
    trials.sort { $0.isBetter(than: $1) }
    candidates = trials.indices.map { index in
      let rival = index == 0 ? trials.dropFirst().first : trials.first
      return trials[index].candidate(against: rival, samples)
    }
    if let best = trials.first, best.share >= Self.threshold || forced != nil {
      take(0, trials)
      if forced == nil { companions = Self.companions(of: best, among: trials).names }
    } else if let first = trials.firstIndex(where: \.isAccess) {
      // No format has enough lines; several together may.
      let found = Self.companions(of: trials[first], among: trials)
      if found.share >= Self.threshold && !found.names.isEmpty {
        take(first, trials)
        winner?.share = found.share
        companions = found.names
      }
    }
  }

  private mutating func take(_ index: Int, _ trials: [Trial]) {
    winner = candidates[index]
    durationUnit = trials[index].context.durationUnit
    durationUnit.settle()
  }

  /// At most this many formats stand beside the winner.
  static let maximumCompanions = 3

  /// The access formats that take most of what one refuses, and the share of lines that all have together.
  private static func companions(
    of best: Trial, among trials: [Trial]
  ) -> (names: [String], share: Double) {
    var names: [String] = []
    var answers = best.answers
    var accepted = best.accepted
    while best.isAccess && names.count < maximumCompanions {
      var most: (trial: Trial, gain: Int)?
      for trial in trials where trial.canAccompany && !names.contains(trial.format.name) {
        let gain = answers.indices.count { trial.answers[$0] && !answers[$0] }
        if gain > most?.gain ?? 0 { most = (trial, gain) }
      }
      guard let most else { break }
      names.append(most.trial.format.name)
      accepted += most.gain
      for index in answers.indices where most.trial.answers[index] { answers[index] = true }
    }
    return (names, best.tried == 0 ? 0 : Double(accepted) / Double(best.tried))
  }

  /// One format's answers to all samples.
  private struct Trial {
    let format: LogFormat
    var answers: [Bool] = []
    var accepted = 0
    private(set) var tried = 0
    var context: AccessContext
    private var memory = CapacityMemory()
    /// One of the lines taken can only be this format's.
    private var isSure = false

    init(
      _ format: LogFormat, _ samples: [Sample], zone: ZoneOffsets, date: Instant?,
      directives: W3CDirectives, _ string: FormatString?
    ) {
      self.format = format
      context = AccessContext(zone: zone, string: string, date: date)
      context.isDetecting = true
      context.directives = directives
      for sample in samples {
        if sample.isHeader {
          context.directives.note(sample.bytes.span)
          answers.append(false)
          continue
        }
        let answer = answer(to: sample, zone: zone, date: date)
        answers.append(answer == .taken)
        if answer == .own { continue }
        if answer == .taken || !sample.isUnfinished || samples.count == 1 { tried += 1 }
        if answer == .taken { accepted += 1 }
      }
    }

    enum Answer {
      case taken, refused
      /// It is the format's own and no request.
      case own
    }

    var isAccess: Bool {
      if case .access = format { true } else { false }
    }

    /// Whether it may read lines that another format refuses.
    var canAccompany: Bool {
      if case .access(let format) = format { !format.isCatchAll } else { false }
    }

    private mutating func answer(
      to sample: Sample, zone: ZoneOffsets, date: Instant?
    ) -> Answer {
      switch format {
      case .access(let format):
        var record = AccessRecord()
        context.scratch.removeAll(keepingCapacity: true)
        do throws(LineError) {
          try format.parse(sample.bytes.span, in: &context, into: &record)
          return .taken
        } catch {
          return error.isOwn ? .own : .refused
        }
      case .capacity(let format):
        let place = LogPosition(input: 0, line: sample.number, offset: 0)
        let context = CapacityContext(
          position: place, envelope: sample.envelope, zone: zone, date: date)
        do throws(LineError) {
          _ = try format.parse(sample.bytes.span, in: context, memory: &memory)
        } catch {
          return .refused
        }
        if !isSure {
          isSure = format.isUnmistakable(sample.bytes.span, envelope: sample.envelope)
        }
        return .taken
      }
    }

    /// Lines that other programs write too are no sign of the format (``CapacityFormat/isUnmistakable(_:envelope:)``).
    private var isOwn: Bool {
      if case .capacity = format { isSure } else { true }
    }

    var share: Double {
      tried == 0 || !isOwn ? 0 : Double(accepted) / Double(tried)
    }

    /// Those above the threshold come first, by strictness; the others by their share.
    func isBetter(than other: Trial) -> Bool {
      let passes = share >= Detection.threshold
      let otherPasses = other.share >= Detection.threshold
      if passes != otherPasses { return passes }
      if passes && format.strictness != other.format.strictness {
        return format.strictness > other.format.strictness
      }
      if share != other.share { return share > other.share }
      if format.strictness != other.format.strictness {
        return format.strictness > other.format.strictness
      }
      return format.name < other.format.name
    }

    func candidate(against rival: Trial?, _ samples: [Sample]) -> Candidate {
      let taken = answers.indices.filter { answers[$0] }
      let telling = taken.first { index in rival.map { !$0.answers[index] } ?? true }
      return Candidate(
        name: format.name, share: share, strictness: format.strictness, kind: format.kind,
        decidingLine: (telling ?? taken.first).map { samples[$0].number })
    }
  }
}
