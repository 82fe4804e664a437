internal import IncidentModel
internal import Pipeline
internal import ReportWriting

/// What `inspect` prints of one input.
enum InspectionText {
  /// Rejected lines are told by reason, the most frequent ones.
  private static let reasonLimit = 8

  static func text(of row: Inspection.Row) -> String {
    let input = row.summary
    var lines = [TerminalText.place(input.name)]
    func add(_ label: String, _ text: String) {
      lines.append("  " + label + String(repeating: " ", count: 11 - label.count) + text)
    }
    if let tally = row.tally {
      add(
        "tally", "of \(TerminalText.count(tally.inputs)) \(tally.inputs == 1 ? "input" : "inputs")")
      add("made by", "floodmark \(TerminalText.name(tally.version))")
      for option in tally.options { add("option", TerminalText.name(option)) }
    } else if row.tallyProblem == nil {
      add("container", input.container ?? "plain text")
    }
    if row.isText { add("format", format(row)) }
    if input.lines > 0 {
      let isDocument = input.lines > input.records + input.passed + input.rejected
      add(
        "lines",
        "\(TerminalText.count(input.lines))\(isDocument ? " of a document; objects" : ""): \(TerminalText.count(input.records)) read, \(TerminalText.count(input.passed)) passed over, \(TerminalText.count(input.rejected)) rejected"
      )
    }
    if let first = input.first, let last = input.last {
      add("time", "\(PlainText.time(first)) to \(PlainText.time(last)) UTC")
    }
    if let stamp = input.stamp { add("stamps", "\(stamp.rawValue) of the request") }
    if let sample = row.sample { add("first", describe(sample)) }
    for reject in row.rejected.sorted(by: { $0.count > $1.count }).prefix(reasonLimit) {
      add(
        "rejected",
        "\(TerminalText.count(reject.count)) × \(reject.reason) (first in line \(reject.first.line))"
      )
    }
    if let peak = row.rejectPeak {
      add(
        "rejected",
        "most in the minute of \(PlainText.time(peak.start)) UTC: \(TerminalText.count(peak.count))"
      )
    }
    if let problem = row.tallyProblem { add("problem", TallyText.text(for: problem)) }
    for problem in input.problems {
      let place = problem.line.map { "line \($0): " } ?? ""
      add("problem", place + TerminalText.sentence(problem.detail))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func format(_ row: Inspection.Row) -> String {
    let shown = row.candidates.prefix(3).map { candidate in
      let line = candidate.decidingLine.map { ", by line \($0)" } ?? ""
      return "\(candidate.name) (\(Int((candidate.share * 100).rounded(.down))) %\(line))"
    }
    guard let name = row.summary.format else {
      return shown.isEmpty ? "unknown" : "unknown; nearest: " + shown.joined(separator: ", ")
    }
    let others = shown.dropFirst().joined(separator: ", ")
    return (shown.first ?? name) + (others.isEmpty ? "" : "; also possible: " + others)
  }

  private static func describe(_ sample: Inspection.Sample) -> String {
    switch sample {
    case .request(
      let arrival, let status, let bytes, let duration, let client, let method, let target,
      let service, let backend):
      var parts = ["arrival=\(PlainText.time(arrival))", "status=\(status)", "bytes=\(bytes)"]
      if let duration { parts.append("duration=\(duration)ms") }
      let named = [
        ("client", client), ("method", method), ("target", target), ("service", service),
        ("backend", backend),
      ]
      for (name, text) in named where !text.bytes.isEmpty {
        parts.append("\(name)=\(TerminalText.visible(text))")
      }
      return parts.joined(separator: " ")
    case .event(let event):
      let group =
        event.group.map { " group=\(TerminalText.visible(LogText($0, kind: .name)))" } ?? ""
      return "\(moment(of: event)) \(PlainText.kind(event.kind))\(group)"
    }
  }

  /// A stamp without a year or a date is shown without one: a report finds it by the other logs.
  private static func moment(of event: CapacityEvent) -> String {
    let time = PlainText.time(event.time)
    if event.lacksDate {
      let isClock = event.precisionSeconds < 86_400
      return isClock ? "(no date) \(time.dropFirst(11))" : "(no time)"
    }
    return event.lacksYear ? "(no year) \(time.dropFirst(5))" : time
  }
}
