internal import IncidentModel

/// Spikes and incidents in `report.json`.
extension ReportDocument {
  func spike(_ spike: Spike) -> JSONValue {
    .object([
      ("id", .words(spike.id)), ("service", name(spike.service)), ("onset", .time(spike.onset)),
      ("onset_uncertainty_s", .number(spike.onsetUncertaintySeconds)),
      ("ramp_s", .number(spike.rampSeconds)), ("peak", .time(spike.peak)),
      ("end", .time(spike.end)), ("end_uncertainty_s", .number(spike.endUncertaintySeconds)),
      ("open_at_end_of_input", .bool(spike.isOpen)),
      ("baseline_rps", .number(spike.baselineRate)), ("peak_rps", .number(spike.peakRate)),
      ("first_attempt_peak_rps", .number(spike.firstAttemptPeakRate)),
      ("ratio", spike.baselineRate > 0 ? .number(spike.ratio) : .null),
      ("outcome", .words(spike.outcome.rawValue)), ("composition", composition(spike.composition)),
      (
        "response",
        .object([
          ("first_decision", .time(spike.response.firstDecision)),
          ("first_in_service", .time(spike.response.firstInService)),
          ("decision_lag_s", .number(spike.response.decisionLagSeconds)),
          ("in_service_lag_s", .number(spike.response.inServiceLagSeconds)),
        ])
      ),
      ("evidence", .ids(spike.evidence)),
    ])
  }

  func incident(_ incident: Incident) -> JSONValue {
    .object([
      ("id", .words(incident.id)), ("service", name(incident.service)),
      ("services", .array(incident.services.map { name($0) })),
      ("start", .time(incident.span.start)), ("end", .time(incident.span.end)),
      ("start_uncertainty_s", .number(incident.startUncertaintySeconds)),
      ("end_uncertainty_s", .number(incident.endUncertaintySeconds)),
      ("end_state", .words(incident.endState.rawValue)),
      ("detected_by", .array(incident.detectedBy.map { .words($0.rawValue) })),
      ("cause", .words(incident.cause?.rawValue ?? "undetermined")),
      ("spikes", .array(incident.spikes.map { .words($0) })),
      ("impact", .object(impact(incident.impact))),
      ("outside", .object(impact(incident.outside))),
      ("phases", phases(incident.phases)), ("worst_span", .span(incident.worstSpan)),
      ("findings", .array(incident.findings.map(finding))),
      ("evidence", .ids(incident.evidence)),
      ("counterfactuals", .array(incident.counterfactuals.map(counterfactual))),
      ("missing", .array(incident.missing.map(missing))),
      ("others", .array(incident.others.map(other))),
    ])
  }

  private func other(_ other: FailingService) -> JSONValue {
    .object([
      ("service", name(other.service)), ("start", .time(other.span.start)),
      ("end", .time(other.span.end)), ("requests", .whole(other.requests)),
      ("failed", .whole(other.failed)), ("evidence", .ids(other.evidence)),
    ])
  }

  func impact(_ impact: Impact) -> [(String, JSONValue)] {
    [
      ("requests", .whole(impact.requests)), ("failed", .whole(impact.failed)),
      ("failed_ratio", .number(impact.failedRatio)), ("shed", .whole(impact.shed)),
      ("throttled", .whole(impact.throttled)), ("abandoned", .whole(impact.abandoned)),
      ("repeats", .whole(impact.repeats)), ("repeats_error", .number(impact.repeatsError)),
      ("repeats_is_lower_bound", .bool(impact.repeatsIsLowerBound)),
      ("bytes", .whole(impact.bytes)), ("p95_ms", .number(impact.p95Milliseconds)),
      ("p95_minute", .time(impact.p95Minute)),
      ("clients_affected", .whole(impact.clientsAffected)),
      ("clients_error", .number(impact.clientsError)),
      ("worst_minute", .time(impact.worstMinute)),
      ("worst_minute_ratio", .number(impact.worstMinuteRatio)),
      ("error_budget", .number(impact.errorBudget)),
    ]
  }

  private func phases(_ phases: Phases) -> JSONValue {
    .object([
      ("onset", .time(phases.onset)), ("first_decision", .time(phases.firstDecision)),
      ("first_launch", .time(phases.firstLaunch)),
      ("first_in_service", .time(phases.firstInService)),
      ("first_failure", .time(phases.firstFailure)), ("worst", .time(phases.worst)),
      ("recovery", .time(phases.recovery)),
      ("first_decision_evidence", .id(phases.decisionProof)),
      ("first_launch_evidence", .id(phases.launchProof)),
      ("first_in_service_evidence", .id(phases.inServiceProof)),
    ])
  }

  private func finding(_ finding: Finding) -> JSONValue {
    let likelihood = finding.verdict == .untestable ? nil : finding.likelihood
    return .object([
      ("cause", .words(finding.cause.rawValue)), ("verdict", .words(finding.verdict.rawValue)),
      ("likelihood", .number(likelihood?.value)), ("term", .words(likelihood?.term)),
      ("role", .words(finding.role?.rawValue)), ("from", .time(finding.span?.start)),
      ("to", .time(finding.span?.end)), ("failed_share", .number(finding.failedShare)),
      ("statement", sentence(finding.statement)),
      ("evidence", .ids(unique(finding.supporting.flatMap(\.evidence)))),
      ("against", .ids(unique(finding.opposing.flatMap(\.evidence)))),
      ("supporting", .array(finding.supporting.map(argument))),
      ("opposing", .array(finding.opposing.map(argument))),
      ("needs", .array(finding.needs.map(sentence))),
    ])
  }

  private func argument(_ argument: Argument) -> JSONValue {
    .object([
      ("text", sentence(argument.sentence)), ("evidence", .ids(argument.evidence)),
      ("weight", .number(argument.weight)),
    ])
  }

  private func counterfactual(_ other: Counterfactual) -> JSONValue {
    .object([
      ("change", .words(other.change.rawValue)), ("kind", sentence(other.kind)),
      ("from", .time(other.span.start)),
      ("to", .time(other.span.end)), ("failed_low", .whole(other.failedLow)),
      ("failed_high", .whole(other.failedHigh)),
      ("assumptions", .array(other.assumptions.map(sentence))),
    ])
  }

  private func missing(_ part: MissingCover) -> JSONValue {
    .object([
      ("kind", .words(part.kind.rawValue)), ("start", .time(part.span.start)),
      ("end", .time(part.span.end)), ("input", part.input.map { .object(file($0)) } ?? .null),
      ("text", sentence(part.text)), ("fetch", sentence(part.fetch)),
    ])
  }

  private func unique(_ ids: [EvidenceID]) -> [EvidenceID] {
    context.ids(ids, most: .max)
  }
}
