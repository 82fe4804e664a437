internal import IncidentModel

/// Inputs, services, capacity and coverage in `report.json`.
extension ReportDocument {
  func input(_ index: Int) -> JSONValue {
    let input = context.analysis.inputs[index]
    return .object([
      ("path", fileName(input.name.file)), ("member", input.name.member.map(fileName) ?? .null),
      ("kind", .words(input.kind.rawValue)), ("format", input.format.map(fileName) ?? .null),
      ("container", input.container.map(fileName) ?? .null), ("bytes", .whole(input.bytes)),
      ("decompressed_bytes", .whole(input.decompressedBytes)), ("lines", .whole(input.lines)),
      ("records", .whole(input.records)), ("rejected", .whole(input.rejected)),
      ("passed", .whole(input.passed)), ("first", .time(input.first)), ("last", .time(input.last)),
      ("sha256", .words(input.sha256)),
      ("problems", .array(input.problems.map { sentence($0.detail) })),
      ("problem_kinds", .array(input.problems.map { .words($0.kind.rawValue) })),
      ("stamp", .words(input.stamp?.rawValue)), ("outside_window", .whole(input.outsideWindow)),
      ("truncated_at", .whole(input.truncatedAt)), ("duplicate_of", .whole(input.duplicateOf)),
      ("baseline", .bool(input.isBaseline)),
    ])
  }

  func service(_ service: ServiceSummary) -> JSONValue {
    .object(
      [("name", name(service.name))]
        + impact(service.impact).filter { $0.0 != "p95_ms" }
        + [
          ("p50_ms", .number(service.p50Milliseconds)),
          ("p95_ms", .number(service.p95Milliseconds)),
          ("p99_ms", .number(service.p99Milliseconds)),
          ("inside_of", name(service.insideOf)),
          ("perhaps_same_as", name(service.perhapsSameAs)), ("normal", normal(service.normal)),
          ("usual_bursts", bursts(service.usualBursts)),
        ])
  }

  private func bursts(_ bursts: UsualFailureBursts?) -> JSONValue {
    guard let bursts else { return .null }
    return .object([
      ("count", .whole(bursts.count)), ("failed_least", .whole(bursts.failed.lowerBound)),
      ("failed_most", .whole(bursts.failed.upperBound)),
      ("longest_s", .number(bursts.longestSeconds)), ("every_s", .number(bursts.everySeconds)),
      ("start", .time(bursts.span.start)), ("end", .time(bursts.span.end)),
    ])
  }

  private func normal(_ normal: NormalSource?) -> JSONValue {
    guard let normal else { return .null }
    return .object([
      ("learnt_from", .words(normal.level.rawValue)), ("start", .time(normal.span.start)),
      ("end", .time(normal.span.end)),
      (
        "left_out",
        normal.leftOut.map { leftOut in
          .object([
            ("reason", .words(leftOut.reason.rawValue)), ("start", .time(leftOut.span.start)),
            ("end", .time(leftOut.span.end)),
          ])
        } ?? .null
      ),
    ])
  }

  func capacity(_ account: CapacityAccount) -> JSONValue {
    .object([
      ("group", name(account.group)), ("services", .array(account.services.map { name($0) })),
      ("mapping_likelihood", .number(account.mappingLikelihood)),
      ("mapping_reason", sentence(account.mappingReason)),
      ("other_names", .array(account.otherNames.map(sentence))),
      ("per_instance_rps", .number(account.perInstanceRate)),
      (
        "per_instance_rps_interval",
        account.perInstanceRateInterval.map {
          .array([.number($0.lowerBound), .number($0.upperBound)])
        } ?? .null
      ),
      ("per_instance_rps_is_lower_bound", .bool(account.perInstanceRateIsLowerBound)),
      ("peak_needed", .whole(account.peakNeeded)),
      ("peak_needed_interval", interval(account.peakNeededInterval)),
      ("peak_needed_first_attempts", .whole(account.peakNeededFirstAttempts)),
      ("peak_ready", .whole(account.peakReady)), ("peak_minute", .time(account.peakMinute)),
      ("shortfall", .whole(account.shortfall)),
      ("shortfall_interval", interval(account.shortfallInterval)),
      ("shortfall_span", .span(account.shortfallSpan)),
      ("instance_minutes_short", .number(account.instanceMinutesShort)),
      ("max_size", .whole(account.maximumSize)),
      ("max_size_source", .id(account.maximumSource)),
      ("source", .words(account.source.rawValue)),
      ("ready_source", sentence(account.readySource)), ("ordered", .whole(account.ordered)),
      ("served", .whole(account.served)), ("steps", .array(account.steps.map(step))),
      ("refusals", .array(account.refusals.map(refusals))),
      ("scale_outs", .array(account.scaleOuts.map(scaleOut))),
      ("scalability", scalability(account.scalability)),
    ])
  }

  private func scalability(_ law: CapacityAccount.Scalability?) -> JSONValue {
    guard let law else { return .null }
    return .object([
      ("rate_rps", .number(law.rate)), ("contention", .number(law.contention)),
      ("coherence", .number(law.coherence)), ("r_squared", .number(law.determination)),
      ("sizes", .whole(law.sizes)),
    ])
  }

  private func interval(_ interval: ClosedRange<Int>?) -> JSONValue {
    interval.map { .array([.whole($0.lowerBound), .whole($0.upperBound)]) } ?? .null
  }

  private func step(_ step: CapacityAccount.Step) -> JSONValue {
    .object([
      ("time", .time(step.time)), ("ready", .whole(step.ready)), ("wanted", .whole(step.wanted)),
      ("evidence", .ids(step.evidence)),
    ])
  }

  private func refusals(_ refusals: CapacityAccount.Refusals) -> JSONValue {
    .object([
      ("reason", reason(refusals.reason)), ("count", .whole(refusals.count)),
      ("first", .time(refusals.first)), ("last", .time(refusals.last)),
      ("evidence", .ids(refusals.evidence)),
    ])
  }

  private func scaleOut(_ scaleOut: CapacityAccount.ScaleOut) -> JSONValue {
    .object([
      ("decision", .time(scaleOut.decision)), ("from", .whole(scaleOut.from)),
      ("to", .whole(scaleOut.to)), ("launch", .time(scaleOut.firstLaunch)),
      ("in_service", .time(scaleOut.firstInService)),
      ("last_in_service", .time(scaleOut.lastInService)),
      ("first_served", .time(scaleOut.firstServed)), ("evidence", .ids(scaleOut.evidence)),
    ])
  }

  private func reason(_ reason: CapacityEvent.Reason) -> JSONValue {
    switch reason {
    case .insufficientCapacity: "insufficient-capacity"
    case .quota: "quota"
    case .addressSpace: "address-space"
    case .maxSize: "max-size"
    case .badTemplate: "bad-template"
    case .backoff: "backoff"
    case .timeout: "timeout"
    case .unhealthy: "unhealthy"
    case .scaleIn: "scale-in"
    case .spotReclaimed: "spot-reclaimed"
    case .metricMissing: "metric-missing"
    case .stabilisation: "stabilisation"
    case .unknown(let text): .text(context.door.admit(text))
    }
  }

  var coverage: JSONValue {
    let coverage = context.analysis.coverage
    return .object([
      (
        "gaps",
        .array(
          coverage.gaps.map { gap in
            .object([
              ("input", gap.input.map { .object(file($0)) } ?? .null),
              ("start", .time(gap.span.start)), ("end", .time(gap.span.end)),
            ])
          })
      ),
      (
        "clock",
        .array(
          coverage.clock.map { clock in
            .object([
              ("input", .text(context.place(clock.input))),
              ("offset_s", .number(clock.offsetSeconds)),
              ("uncertainty_s", .number(clock.uncertaintySeconds)),
              ("reason", sentence(clock.reason)),
            ])
          })
      ),
      (
        "rejected",
        .array(
          coverage.rejected.map { reject in
            .object([
              ("format", fileName(reject.format)), ("reason", .words(reject.reason)),
              ("count", .whole(reject.count)), ("first", place(reject.first)),
              ("last", place(reject.last)),
              (
                "by_minute",
                .array(reject.stretches.map { .array([.time($0.start), .whole($0.count)]) })
              ),
              ("by_minute_seconds", .whole(reject.widthSeconds)),
            ])
          })
      ),
      (
        "rejected_rises",
        .array(
          coverage.rejectRises.map { rise in
            .object([
              ("incident", .words(rise.incident)), ("count", .whole(rise.count)),
              ("total", .whole(rise.total)),
            ])
          })
      ),
    ])
  }
}
