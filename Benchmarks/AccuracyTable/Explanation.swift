internal import FloodmarkTestSupport
internal import IncidentModel

/// An incident in plain lines: every finding with its arguments and their weights.
enum Explanation {
  static func lines(of analysis: Analysis) -> [String] {
    var lines: [String] = []
    for spike in analysis.spikes {
      lines.append(
        "\(spike.id) \(clock(spike.onset)) ± \(Int(spike.onsetUncertaintySeconds)) s to \(clock(spike.end)),"
          + " ramp \(Int(spike.rampSeconds)) s, \(short(spike.baselineRate)) to \(short(spike.peakRate))/s,"
          + " \(spike.composition.kind.rawValue), \(spike.outcome.rawValue)")
      for part in spike.composition.parts { lines += self.lines(of: part) }
    }
    for group in analysis.capacity {
      lines.append(
        "group \(group.group) \(group.services) \(short(group.mappingLikelihood))"
          + " (\(text(group.mappingReason))), rate \(group.perInstanceRate.map(short) ?? "–")"
          + (group.perInstanceRateIsLowerBound ? " at least" : "")
          + ", short \(group.shortfall.map { "\($0)" } ?? "–"), maximum"
          + " \(group.maximumSize.map { "\($0)" } ?? "–"), ready from \(text(group.readySource))")
    }
    for incident in analysis.incidents {
      lines.append(
        "\(incident.id) \(clock(incident.span.start)) to \(clock(incident.span.end)) by"
          + " \(incident.detectedBy.map(\.rawValue)), \(incident.impact.failed) of"
          + " \(incident.impact.requests) failed, \(incident.cause?.rawValue ?? "undetermined")")
      for finding in incident.findings { lines += self.lines(of: finding) }
    }
    return lines
  }

  /// The cells in which requests failed, with the repeats that were told and the true ones.
  static func repeats(told analysis: Analysis, _ truth: Truth) -> [String] {
    guard let series = analysis.series.first(where: { !$0.repeats.isEmpty }) else { return [] }
    return series.repeats.indices.compactMap { index in
      let start = series.start.advanced(bySeconds: Double(index * series.bucketSeconds))
      let span = TimeSpan(
        start: start, end: start.advanced(bySeconds: Double(series.bucketSeconds)))
      let known = Int(truth.repeats(in: span).rounded())
      guard let requests = series.requests[index], let failed = series.failed[index],
        failed > 0 || known > 0
      else { return nil }
      let told = series.repeats[index].map { "\($0)" } ?? "–"
      return
        "\(clock(start)) \(requests) requests, \(failed) failed, \(told) repeats told, \(known) true"
    }
  }

  private static func lines(of part: Composition.Part) -> [String] {
    [
      "  \(part.selection.rawValue) \(short(part.share)) ± \(short(part.shareError))"
        + " \(part.verdict.rawValue) \(short(part.logOdds))"
        + (part.obstacle.map { ": \(text($0))" } ?? "")
    ]
      + part.tests.map {
        "    \($0.name) \($0.state.rawValue) \(short($0.weight)): \(text($0.saw))"
      }
  }

  private static func lines(of finding: Finding) -> [String] {
    guard finding.verdict != .untestable else { return [] }
    let value = finding.likelihood.map { short($0.value) } ?? "–"
    let head =
      "  \(finding.cause.rawValue) \(finding.verdict.rawValue) \(value): \(text(finding.statement))"
    if finding.verdict == .contradicted { return [head] }
    return [head]
      + (finding.supporting + finding.opposing).map {
        "    \(short($0.weight)) \(text($0.sentence))"
      }
  }

  private static func text(_ sentence: Sentence) -> String {
    sentence.pieces.map { piece in
      switch piece {
      case .words(let words), .code(let words): words
      case .count(let count), .instances(let count): "\(count)"
      case .share(let part, let whole): "\(short(100 * part / whole)) %"
      case .factor(let factor): "\(short(factor)) ×"
      case .rate(let rate): "\(short(rate))/s"
      case .milliseconds(let value): "\(short(value)) ms"
      case .duration(let seconds): "\(Int(seconds)) s"
      case .time(let moment, _): clock(moment)
      case .log: "…"
      }
    }.joined()
  }

  private static func short(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

  private static func clock(_ moment: Instant) -> String {
    let civil = CivilTime(moment)
    return [civil.hour, civil.minute, civil.second]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
