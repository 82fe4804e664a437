internal import IncidentModel

/// The named constants of the capacity and cause methods, for the report's appendix.
enum CapacityParameters {
  static let all: [Parameter] = [
    Parameter(name: "capacity.healthy_quantile", value: 0.95),
    Parameter(
      name: "capacity.least_saturated_minutes",
      value: Double(InstanceCapacity.leastSaturatedMinutes)),
    Parameter(name: "capacity.first_minutes", value: Double(InstanceCapacity.firstMinutes)),
    Parameter(name: "capacity.resamples", value: Double(InstanceCapacity.resamples)),
    Parameter(name: "capacity.overload_share", value: InstanceCapacity.overloadShare),
    Parameter(name: "capacity.slow_factor", value: InstanceCapacity.slowFactor),
    Parameter(name: "capacity.serving_pause_minutes", value: Double(ServingFleet.pauseMinutes)),
    Parameter(name: "mapping.least", value: GroupMapping.least),
    Parameter(name: "mapping.grew_together", value: MappingClues.grewTogether),
    Parameter(name: "mapping.same_size", value: MappingClues.sameSize),
    Parameter(name: "mapping.moved_together", value: MappingClues.movedTogether),
    Parameter(name: "mapping.web_word", value: MappingClues.webWord),
    Parameter(name: "cause.prior_log_odds", value: CauseJudgement.prior),
    Parameter(name: "cause.supported", value: CauseJudgement.supported),
    Parameter(name: "cause.note_cap", value: CauseJudgement.noteCap),
    Parameter(name: "cause.no_capacity_cap", value: CauseJudgement.noCapacityCap),
    Parameter(name: "cause.partial_cap", value: CauseJudgement.partialCap),
    Parameter(name: "cause.hidden_cap", value: CauseJudgement.hiddenCap),
    Parameter(name: "cause.least_span_share", value: CauseJudgement.leastShare),
    Parameter(name: "cause.undetermined_within", value: LeadingCause.dead),
    Parameter(name: "cause.late_decision_s", value: ScalingNotTriggered.late),
  ]
}
