internal import IncidentModel
internal import TrafficTally

/// What of an incident the inputs do not show, and what to fetch next (METHODS §5).
struct MissingParts {
  /// The stretch of all access lines that are reported on.
  var access: TimeSpan?
  var window: TimeSpan
  var gaps: [Coverage.Gap]
  var inputs: [InputSummary]
  var inputMinutes: [TrafficView.InputMinutes]

  /// A start this close to the first line is no start that was seen.
  static let edgeSeconds = 60.0
  /// At most this many gaps are told of one incident.
  static let mostGaps = 5
  /// An input with a smaller part of the lines is not missed.
  static let leastShare = 0.05

  /// One file ends and the next begins within so many seconds, in whole minutes.
  static let rotationSeconds: Int64 = 120

  /// In the order of what is missed most: end, beginning, gaps.
  func parts(of incident: DetectedIncident) -> [MissingCover] {
    var parts: [MissingCover] = []
    let span = incident.span
    if incident.endState == .openAtEndOfInput { parts.append(end(of: span)) }
    if let access, span.start.seconds(since: max(access.start, window.start)) < Self.edgeSeconds {
      parts.append(beginning(of: span, access))
    }
    let holes = gaps.filter { $0.span.overlaps(span) }
    parts += holes.prefix(Self.mostGaps).map(gap)
    parts += stopped(in: span, beside: holes).prefix(max(0, Self.mostGaps - holes.count))
    return parts
  }

  private func end(of span: TimeSpan) -> MissingCover {
    let isCut = access.map { $0.end.seconds(since: window.end) >= 1 } ?? false
    // The incident ends with the cell in which the last line stands.
    let end = min(span.end, access?.end ?? span.end)
    return MissingCover(
      kind: .end, span: TimeSpan(start: span.end, end: span.end),
      text: isCut
        ? "the window ends at \(time: window.end), inside the incident"
        : "the access logs end at \(time: end), inside the incident",
      fetch: isCut
        ? "a report with a later end" : "the logs from \(time: end) on")
  }

  private func beginning(of span: TimeSpan, _ access: TimeSpan) -> MissingCover {
    let isCut = window.start.seconds(since: access.start) >= 1
    return MissingCover(
      kind: .beginning, span: TimeSpan(start: span.start, end: span.start),
      text: isCut
        ? "the window begins at \(time: window.start), inside the incident"
        : "the access logs begin at \(time: access.start), inside the incident",
      fetch: isCut
        ? "a report with an earlier start" : "the logs before \(time: access.start)")
  }

  private func gap(_ gap: Coverage.Gap) -> MissingCover {
    let (start, end) = (gap.span.start, gap.span.end)
    guard let input = gap.input, inputs.indices.contains(input) else {
      return MissingCover(
        kind: .gap, span: gap.span,
        text: "no access log has a line from \(time: start) to \(time: end)",
        fetch: "the access logs from \(time: start) to \(time: end)")
    }
    let name = LogText(inputs[input].name.joined, kind: .file)
    return MissingCover(
      kind: .gap, span: gap.span, input: input,
      text: "\(log: name) has no line from \(time: start) to \(time: end)",
      fetch: "what \(log: name) lacks from \(time: start) to \(time: end)")
  }

  /// Inputs that stop, or first speak, inside the incident although nobody took over their part, or gave it up: a server's log that was not fetched to its end.
  private func stopped(in span: TimeSpan, beside holes: [Coverage.Gap]) -> [MissingCover] {
    guard inputMinutes.count > 1, let access else { return [] }
    let lines = inputMinutes.map { ($0.input, MinuteLine($0.minutes), $0.minutes) }
    let whole = lines.reduce(0) { $0 + $1.2.reduce(0) { $0.addingSaturated($1.count) } }
    var found: [MissingCover] = []
    for (input, line, minutes) in lines.sorted(by: { $0.0 < $1.0 }) {
      guard inputs.indices.contains(input), !inputs[input].isBaseline,
        let first = minutes.first?.start, let last = minutes.last?.start
      else { continue }
      let own = minutes.reduce(0) { $0.addingSaturated($1.count) }
      guard Double(own) >= Self.leastShare * Double(whole) else { continue }
      let others = lines.filter { $0.0 != input }.map(\.1)
      let tail = last + 60..<max(last + 60, access.end.seconds)
      let head = min(first, access.start.seconds)..<first
      for (silence, context, isTail) in [
        (tail, last - 600..<last, true), (head, first + 60..<first + 660, false),
      ] where silence.count >= 180 {
        let part = TimeSpan(
          start: Instant(seconds: silence.lowerBound), end: Instant(seconds: silence.upperBound))
        guard part.overlaps(span), !holes.contains(where: { $0.input == input }),
          !isRotation(lines.map(\.2), at: isTail ? silence.lowerBound : silence.upperBound),
          !isTakenOver(line, others, context: context, silence: silence, isTail: isTail)
        else { continue }
        found.append(gap(Coverage.Gap(input: input, span: part)))
      }
    }
    return found
  }

  /// As many inputs begin at this moment as end at it: each day's or hour's file is followed by the next, however demand changes from one to the other.
  private func isRotation(
    _ inputs: [[ServiceTraffic.Backend.Minute]], at moment: Int64
  ) -> Bool {
    let near = moment - Self.rotationSeconds...moment + Self.rotationSeconds
    let ended = inputs.count { $0.last.map { near.contains($0.start + 60) } == true }
    let begun = inputs.count { $0.first.map { near.contains($0.start) } == true }
    return ended > 0 && begun >= ended
  }

  /// In the five minutes on the silent side the others have half or more of this input's lines beyond their own.
  private func isTakenOver(
    _ line: MinuteLine, _ others: [MinuteLine], context: Range<Int64>, silence: Range<Int64>,
    isTail: Bool
  ) -> Bool {
    let reach: Int64 = 300
    let near =
      isTail
      ? silence.lowerBound..<min(silence.upperBound, silence.lowerBound + reach)
      : max(silence.lowerBound, silence.upperBound - reach)..<silence.upperBound
    guard !near.isEmpty, !context.isEmpty else { return true }
    func rate(_ lines: [MinuteLine], _ range: Range<Int64>) -> Double {
      Double(lines.reduce(0) { $0.addingSaturated($1.sum(in: range)) }) / Double(range.count)
    }
    let mine = rate([line], context)
    // Nobody else speaks either: that is the end of all inputs, or an outage.
    guard mine > 0, rate(others, near) > 0 else { return true }
    return rate(others, near) - rate(others, context)
      >= Parameters.Coverage.gapTakeOverShare * mine
  }
}
