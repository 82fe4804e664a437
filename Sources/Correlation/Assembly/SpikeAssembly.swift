internal import IncidentModel
internal import TrafficTally

/// Tells the rises of all services: numbered by onset, with what became of them and how the scaler answered.
enum SpikeAssembly {
  static func spikes(
    of stories: [ServiceStory], window: TimeSpan, evidence: EvidenceCollector
  ) -> [Spike] {
    let all = stories.flatMap { story in
      story.signal.spikes.filter { TimeSpan(start: $0.onset, end: $0.end).overlaps(window) }
        .map { (story, $0) }
    }.sorted { left, right in
      (left.1.onset, left.0.signal.traffic.name) < (right.1.onset, right.0.signal.traffic.name)
    }
    return all.enumerated().map { index, pair in
      spike(pair.1, of: pair.0, id: "S\(index + 1)", evidence)
    }
  }

  private static func spike(
    _ spike: DetectedSpike, of story: ServiceStory, id: String, _ evidence: EvidenceCollector
  ) -> Spike {
    let span = TimeSpan(start: spike.onset, end: spike.end)
    let traffic = story.signal.traffic
    let near = [spike.onset, spike.peakMinute.advanced(bySeconds: 30)].compactMap { moment in
      Exemplars.nearest(
        to: moment, .answered,
        in: TimeSpan(
          start: moment.advanced(bySeconds: -120), end: moment.advanced(bySeconds: 120)),
        of: traffic)
    }
    var told = Spike(
      id: id, service: traffic.name, onset: spike.onset,
      onsetUncertaintySeconds: spike.onsetUncertaintySeconds, rampSeconds: spike.rampSeconds,
      peak: spike.peakMinute, end: spike.end, endUncertaintySeconds: spike.endUncertaintySeconds,
      isOpen: spike.isOpen, baselineRate: spike.baselineRate, peakRate: spike.peakRate,
      outcome: outcome(span, story.signal), composition: spike.composition,
      response: response(to: span, story), evidence: near.map { evidence.cite($0) })
    for (index, lines) in spike.partLines.enumerated()
    where told.composition.parts.indices.contains(index) {
      told.composition.parts[index].evidence = lines.prefix(2).map { evidence.cite($0) }
    }
    let minute = TimeSpan(
      start: spike.peakMinute, end: spike.peakMinute.advanced(bySeconds: 60))
    told.firstAttemptPeakRate = story.signal.clients?.count(in: minute).map {
      max(0, spike.peakRate - $0 / 60)
    }
    return told
  }

  /// A rise without an incident was absorbed; one that only slowed answers degraded the service.
  private static func outcome(_ span: TimeSpan, _ signal: ServiceSignal) -> Spike.Outcome {
    let met = signal.incidents.filter { $0.span.overlaps(span) }
    if met.contains(where: { $0.detectedBy.contains(.errors) }) { return .failed }
    return met.contains { $0.detectedBy.contains(.latency) } ? .degraded : .absorbed
  }

  /// The first decision after the onset and its first instance in service (METHODS §6).
  private static func response(to span: TimeSpan, _ story: ServiceStory) -> ScalingResponse {
    guard let curve = story.group?.curve, curve.source == .log else { return ScalingResponse() }
    let events = curve.events.filter { !$0.isHumanClaim }
    let decision = events.first { event in
      if case .scaleOutDecided = event.kind { return span.contains(event.time) }
      return false
    }
    guard let decision else { return ScalingResponse() }
    let arrival = events.first { $0.kind == .inService && $0.time > decision.time }
    return ScalingResponse(
      firstDecision: decision.time, firstInService: arrival?.time,
      decisionLagSeconds: decision.time.seconds(since: span.start),
      inServiceLagSeconds: arrival.map { $0.time.seconds(since: span.start) })
  }
}
