internal import FloodmarkTestSupport
internal import IncidentModel

/// Puts outcomes into the tables that the command prints.
struct Tabulation {
  let outcomes: [TrialOutcome]

  /// All tables as Markdown.
  var text: String {
    var parts: [String] = []
    for kind in Trial.Kind.allCases where kind != .uneventful {
      let group = outcomes.filter { $0.trial.kind == kind }
      guard !group.isEmpty else { continue }
      let note =
        kind.mustTell
        ? "" : "Right is the planted cause, none, or one under .80 that asks for more.\n\n"
      parts.append(
        "### \(kind.title)\n\n" + note + table(group, by: \.trial.scenario.rawValue, "cause"))
      guard kind == .planted else { continue }
      parts.append(
        "### By cause and format\n\n"
          + table(
            group, by: { "\($0.trial.scenario.rawValue) · \($0.trial.access.rawValue)" },
            "cause · access log"))
    }
    let eventful = outcomes.filter { $0.trial.kind != .uneventful }
    if !eventful.isEmpty {
      parts.append("### What was answered\n\n" + confusion(eventful))
      parts.append("### How sure, and how often right\n\n" + Calibration(eventful).text)
    }
    parts.append(otherRuns)
    parts += uneventful
    parts.append(list)
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private static func share(_ count: Int, of whole: Int) -> String {
    whole == 0 ? "–" : "\(count)/\(whole)"
  }

  private func row(_ name: String, _ group: [TrialOutcome]) -> String {
    let right = group.filter(\.isRight).count
    let steps = group.filter(\.isStep)
    let near = steps.filter { abs($0.onsetError ?? .infinity) <= 10 }.count
    let told = group.compactMap(\.shortfall)
    let decisions = group.compactMap(\.isDecisionExact)
    let arrivals = group.compactMap(\.isInServiceExact)
    let ramps = group.filter { ($0.ramp ?? 0) > 0 }
    let repeats = group.compactMap(\.repeatShareError)
    let machines = group.compactMap(\.machineShareError)
    let cells = [
      name, "\(group.count)", Self.share(group.filter(\.isCountExact).count, of: group.count),
      Self.share(right, of: group.count) + " (\(percent(right, group.count)))",
      "\(group.filter(\.isConfidentlyWrong).count)", Self.share(near, of: steps.count),
      Self.share(ramps.filter { abs($0.onsetError ?? .infinity) <= 30 }.count, of: ramps.count),
      "\(told.count)", Self.share(told.filter { $0.isWithin(0.10) }.count, of: told.count),
      Self.share(told.filter { $0.isWithin(0.15) }.count, of: told.count),
      Self.share(told.filter(\.isCovered).count, of: told.count),
      Self.share(decisions.filter { $0 }.count, of: decisions.count),
      Self.share(arrivals.filter { $0 }.count, of: arrivals.count),
      Self.share(repeats.filter { abs($0) <= 0.05 }.count, of: repeats.count),
      Self.share(machines.count, of: group.filter(\.hasMachineShare).count),
      Self.share(machines.filter { abs($0) <= 0.05 }.count, of: machines.count),
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private func percent(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "–" : "\((part * 1_000 / whole + 5) / 10) %"
  }

  private func table(
    _ group: [TrialOutcome], by name: (TrialOutcome) -> String, _ title: String
  ) -> String {
    var names: [String] = []
    var rows: [String: [TrialOutcome]] = [:]
    for outcome in group {
      let key = name(outcome)
      if rows[key] == nil { names.append(key) }
      rows[key, default: []].append(outcome)
    }
    let head = [
      title, "archives", "counts exact", "leading cause right", "confidently wrong",
      "step onset within 10 s", "ramp onset within 30 s", "shortfall told", "within 10 %",
      "within 15 %",
      "interval covers", "decision time exact", "in-service time exact",
      "repeats within 5 points", "machines told", "machines within 5 points",
    ]
    var lines = [
      "| " + head.joined(separator: " | ") + " |",
      "|---|" + String(repeating: "---:|", count: head.count - 1),
    ]
    lines += names.map { row($0, rows[$0] ?? []) }
    if names.count > 1 { lines.append(row("**all**", group)) }
    return lines.joined(separator: "\n")
  }

  private func confusion(_ group: [TrialOutcome]) -> String {
    func planted(_ outcome: TrialOutcome) -> String {
      outcome.trial.scenario.rawValue + (outcome.trial.kind.mustTell ? "" : " (spoilt)")
    }
    var rows: [String] = []
    var counts: [String: [String: Int]] = [:]
    for outcome in group {
      let name = planted(outcome)
      if counts[name] == nil { rows.append(name) }
      counts[name, default: [:]][outcome.answer, default: 0] += 1
    }
    let order = Cause.allCases.map(\.rawValue) + ["undetermined", "no incident"]
    let columns = order.filter { column in counts.values.contains { $0[column] != nil } }
    var lines = [
      "| planted ↓ answered → | " + columns.joined(separator: " | ") + " |",
      "|---|" + String(repeating: "---:|", count: columns.count),
    ]
    for row in rows {
      let cells = columns.map { counts[row]?[$0].map { "\($0)" } ?? "" }
      lines.append("| \(row) | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }

  /// What was told of other histories, beside the same outages run again.
  private var otherRuns: String {
    let lines = Counterfactual.Change.allCases.compactMap { change -> String? in
      let runs = outcomes.flatMap(\.otherRuns).filter { $0.change == change }
      guard !runs.isEmpty else { return nil }
      let covered = runs.filter(\.isCovered).count
      let widths = runs.map(\.width).sorted()
      let width = Int((widths[widths.count / 2] * 100).rounded())
      return "| \(change.rawValue) | \(runs.count) | \(covered)/\(runs.count)"
        + " (\(percent(covered, runs.count))) | \(width) % |"
    }
    guard !lines.isEmpty else { return "" }
    return """
      ### What would have changed it

      | change | told | interval covers the other run | middle width, of what failed |
      |---|---:|---:|---:|

      """ + lines.joined(separator: "\n")
  }

  private var uneventful: [String] {
    let group = outcomes.filter { $0.trial.kind == .uneventful }
    guard !group.isEmpty else { return [] }
    let quiet = group.filter { $0.trial.scenario == .quiet }
    let absorbed = group.filter { $0.trial.scenario == .absorbed }
    var lines: [String] = []
    if !quiet.isEmpty {
      let days = quiet.reduce(0) { $0 + $1.trial.days }
      let alarms = quiet.reduce(0) { $0 + $1.incidents }
      lines.append(
        "Quiet: \(alarms) false alarms in \(days) service-days (\(quiet.count) archives),"
          + " counts exact in \(quiet.filter(\.isCountExact).count).")
    }
    if !absorbed.isEmpty {
      let alarms = absorbed.reduce(0) { $0 + $1.incidents }
      lines.append(
        "Surges that capacity took: \(alarms) false alarms in \(absorbed.count) archives.")
    }
    return ["### Where nothing failed\n\n" + lines.joined(separator: "\n\n")]
  }

  /// Every wrong answer with the command that writes its archive.
  private var list: String {
    let wrong = outcomes.filter { !$0.isRight || !$0.isCountExact }
    guard !wrong.isEmpty else { return "" }
    let lines = wrong.map { outcome in
      "- \(outcome.trial.command): \(outcome.answer)"
        + (outcome.trial.kind == .planted ? "" : " (\(outcome.trial.kind.rawValue))")
        + (outcome.isConfidentlyWrong ? " CONFIDENT" : "")
        + (outcome.isFirstRight == false ? ", the outage before it told wrongly" : "")
        + (outcome.isSameReordered == false ? ", differs by the order of inputs" : "")
        + (outcome.trial.days > 1 ? " (\(outcome.trial.days) days)" : "")
        + (outcome.isCountExact ? "" : ", counts differ")
        + (outcome.account.isEmpty ? "" : "; \(outcome.account)")
    }
    return "### Wrong answers\n\n" + lines.joined(separator: "\n")
  }

  /// Onsets, shortfalls and times that missed, one a line.
  var misses: String {
    outcomes.filter { $0.trial.kind != .uneventful }.compactMap { outcome -> String? in
      var parts: [String] = []
      if outcome.isStep, abs(outcome.onsetError ?? .infinity) > 10 {
        parts.append("onset off by \(outcome.onsetError.map { "\($0) s" } ?? "all")")
      }
      if let ramp = outcome.ramp, ramp > 0 {
        parts.append(
          "ramp of \(ramp) s, onset off by \(outcome.onsetError.map { "\($0) s" } ?? "all")")
      }
      if let short = outcome.shortfall, !short.isWithin(0.15) || !short.isCovered {
        let interval = short.interval.map { "\($0.lowerBound)–\($0.upperBound)" } ?? "none"
        parts.append(
          "shortfall \(short.found) (\(interval)) for \(short.truth): \(outcome.peaks), rate"
            + " \(outcome.rateRatio.map { "\(($0 * 1_000).rounded() / 1_000)" } ?? "–") of the true one"
        )
      }
      if let error = outcome.repeatShareError, abs(error) > 0.05 {
        parts.append("repeats off by \((error * 1_000).rounded() / 10) points")
      }
      if let error = outcome.machineShareError, abs(error) > 0.05 {
        parts.append("machines' share off by \((error * 1_000).rounded() / 10) points")
      }
      for run in outcome.otherRuns where !run.isCovered {
        parts.append(
          "\(run.change.rawValue): told \(run.told.lowerBound)–\(run.told.upperBound) of \(run.was),"
            + " run again \(run.truth)")
      }
      if outcome.isDecisionExact == false { parts.append("decision time differs") }
      if outcome.isInServiceExact == false { parts.append("in-service time differs") }
      return parts.isEmpty
        ? nil : "- \(outcome.trial.command): " + parts.joined(separator: "; ")
    }.joined(separator: "\n")
  }
}
