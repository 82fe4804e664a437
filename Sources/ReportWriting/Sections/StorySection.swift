internal import IncidentModel

extension ReportSections {
  /// The longest account, in characters.
  private static let longestStory = 1500

  /// REPORT §2.4: demand, capacity, recovery; sentences from templates with slots.
  func story(_ incident: Incident, level: Int, into page: inout Page) {
    page.heading(level, "What happened")
    var room = Self.longestStory
    for paragraph in [demand(incident), capacity(incident), recovery(incident)] {
      var kept: [Phrase] = []
      for sentence in paragraph where !sentence.isEmpty {
        let size = sentence.plain.unicodeScalars.count + 1
        guard size <= room else { break }
        room -= size
        kept.append(sentence)
      }
      page.paragraph(kept)
    }
  }

  // MARK: Demand

  private func demand(_ incident: Incident) -> [Phrase] {
    let name = context.named(incident.service, " for ")
    var sentences: [Phrase] = []
    if let spike = context.spike(of: incident) {
      sentences.append(rise(spike, name))
    } else {
      let proof = context.cited(Array(incident.evidence.prefix(1)))
      let isCut = incident.missing.contains { $0.kind == .beginning }
      let moment: Phrase =
        incident.phases.firstFailure.map { "the first failure at \(context.time($0))" }
        ?? "\(context.time(incident.span.start))"
      sentences.append(
        incident.detectedBy.contains(.trafficLoss)
          ? "From \(context.time(incident.span.start)) on requests\(name) stayed away\(stayedAway(incident))."
          : isCut
            ? "How demand\(name) came to its height is not in these logs: they begin inside the incident\(proof)."
            : "Demand\(name) did not leave its usual range before \(moment)\(proof).")
    }
    guard let account = context.accounts(of: incident).first, let rate = account.perInstanceRate
    else { return sentences }
    let least: Phrase = account.perInstanceRateIsLowerBound ? "at least " : ""
    let measured: Phrase =
      context.rateInterval(account).map { "\($0), measured in this window" }
      ?? "measured in this window"
    var sentence: Phrase = "One instance serves \(least)\(Figure.rate(rate)) (\(measured))"
    if let needed = account.peakNeeded, let ready = account.peakReady {
      let count: Phrase =
        "\(context.instances(needed)) were needed and \(Figure.count(ready)) were ready"
      // Where demand was highest more may have been ready.
      let peak = context.spike(of: incident)?.peak
      if let minute = account.peakMinute, minute != peak {
        sentence = sentence + ". At \(context.time(minute, precisionSeconds: 60)) \(count)"
      } else {
        sentence = sentence + ", so \(count)"
      }
    }
    sentences.append(sentence + ".")
    return sentences
  }

  private func rise(_ spike: Spike, _ name: Phrase) -> Phrase {
    let onset = context.time(spike.onset)
    let peak = context.time(spike.peak, precisionSeconds: 60)
    let first = context.cited(Array(spike.evidence.prefix(1)))
    let second = context.cited(Array(spike.evidence.dropFirst().prefix(1)))
    guard spike.baselineRate > 0 else {
      return
        "At \(onset) demand\(name) began\(first) and grew to \(Figure.rate(spike.peakRate)) at \(peak)\(second)."
    }
    return
      "At \(onset) demand\(name) left its usual \(Figure.rate(spike.baselineRate))\(first) and grew to \(Figure.rate(spike.peakRate)) at \(peak), \(Figure.factor(spike.ratio)) the baseline\(second)."
  }

  // MARK: Capacity

  private func capacity(_ incident: Incident) -> [Phrase] {
    var sentences: [Phrase] = []
    let leading = context.finding(incident.cause, in: incident)
    switch incident.cause {
    case .capacityExhausted, .quotaReached, .launchFailing, .maxSizeReached: break
    // The rise is told already.
    case .demandSurge where context.spike(of: incident) != nil: break
    default: if let leading { sentences.append(statement(leading)) }
    }
    guard let account = context.accounts(of: incident).first else {
      if incident.cause == nil { sentences.append(undetermined(incident)) }
      sentences.append(
        "No autoscaler log\(context.ofNone(incident.service)) was in the inputs, so these logs do not show capacity."
      )
      sentences.append(notes(incident))
      return sentences
    }
    if incident.cause == nil { sentences.append(undetermined(incident)) }
    if account.source == .inferred {
      sentences.append(
        "No autoscaler log\(context.ofNone(incident.service)) was in the inputs: what was decided, launched or refused is not known."
      )
    }
    sentences.append(decision(incident, account))
    sentences.append(maximum(account))
    sentences += account.refusals.prefix(2).map { refusal($0, beyond: incident.span.end) }
    sentences.append(notes(incident))
    return sentences
  }

  private func undetermined(_ incident: Incident) -> Phrase {
    "No cause of the catalogue fits clearly enough to lead\(context.cited(incident.evidence))."
  }

  private func statement(_ finding: Finding) -> Phrase {
    let proof = context.cited(finding.supporting.flatMap(\.evidence))
    return "\(context.phrase(finding.statement).capitalized)\(proof)."
  }

  private func decision(_ incident: Incident, _ account: CapacityAccount) -> Phrase {
    let onset = context.onset(of: incident)
    guard
      let scaleOut = account.scaleOuts.first(where: {
        $0.decision >= onset && $0.decision < incident.span.end
      })
    else {
      return account.source == .log
        ? "No decision to add instances stands in the autoscaler's log between the onset and the end."
        : ""
    }
    let lag = Figure.duration(seconds: scaleOut.decision.seconds(since: onset))
    let decided = Array(scaleOut.evidence.prefix(1))
    guard let last = scaleOut.lastInService ?? scaleOut.firstInService else {
      return
        "The autoscaler decided \(lag) after the onset\(context.cited(decided)); \(growth(account, from: scaleOut.decision, to: incident.span.end))."
    }
    let arrival = Figure.duration(seconds: last.seconds(since: onset))
    let step = account.steps.last { $0.time <= last && $0.ready != nil }
    let proof = context.cited(
      decided + (step?.evidence ?? Array(scaleOut.evidence.dropFirst().suffix(1))))
    let number: Phrase = step?.ready.map { context.instances($0) } ?? "new instances"
    return
      "The autoscaler decided \(lag) after the onset and had \(number) in service after \(arrival)\(proof)."
  }

  /// What the steps of `ready` tell where no line tells of the arrivals of a decision.
  private func growth(
    _ account: CapacityAccount, from decision: Instant, to end: Instant
  ) -> Phrase {
    let told = account.steps.filter { $0.ready != nil && $0.time <= end }
    let before = told.last { $0.time <= decision }?.ready
    guard let before, let ready = told.last?.ready, ready > before,
      let step = told.first(where: { $0.time > decision && $0.ready == ready })
    else { return "no instance of that decision came into service" }
    let grew: Phrase =
      "from \(Figure.count(before)) to \(Figure.count(ready)) by \(context.time(step.time))"
    // Without a line of the log the fleet that was seen serving stands in.
    return step.evidence.isEmpty
      ? "its log does not tell of arrivals, but the instances that were seen serving grew \(grew)"
      : "the ready instances grew \(grew)\(context.cited(step.evidence))"
  }

  private func maximum(_ account: CapacityAccount) -> Phrase {
    guard let maximum = account.maximumSize, let source = account.maximumSource else { return "" }
    return "The maximum size in force was \(Figure.count(maximum))\(context.cited([source]))."
  }

  /// `end`: of the incident; refusals after it are said to be.
  func refusal(_ refusals: CapacityAccount.Refusals, beyond end: Instant? = nil) -> Phrase {
    let count = refusals.count
    let launches: Phrase = count == 1 ? "1 launch" : "\(Figure.count(count)) launches"
    let when: Phrase =
      refusals.first == refusals.last
      ? "At \(context.time(refusals.first))"
      : end.map { refusals.first < $0 && refusals.last > $0 } == true
        ? "From \(context.time(refusals.first)) to \(context.time(refusals.last)), beyond the incident's end,"
        : "From \(context.time(refusals.first)) to \(context.time(refusals.last))"
    let proof = context.cited(refusals.evidence)
    switch refusals.reason {
    case .insufficientCapacity:
      return "\(when) the provider refused \(launches) for lack of capacity\(proof)."
    case .quota: return "\(when) \(launches) failed on an account limit\(proof)."
    case .addressSpace: return "\(when) \(launches) failed for want of network addresses\(proof)."
    case .badTemplate: return "\(when) \(launches) failed on the group's own template\(proof)."
    case .maxSize: return "\(when) \(launches) failed at the maximum size\(proof)."
    case .timeout: return "\(when) \(launches) did not finish in time\(proof)."
    case .unhealthy: return "\(when) \(launches) failed the health check\(proof)."
    case .spotReclaimed: return "\(when) the provider took back \(launches)\(proof)."
    case .unknown(let text):
      return "\(when) \(launches) failed: \(context.door.admit(text))\(proof)."
    case .backoff, .scaleIn, .metricMissing, .stabilisation:
      return "\(when) \(launches) failed\(proof)."
    }
  }

  /// A note this long before an incident may tell what led to it, in seconds.
  private static let noteLead = 600.0

  /// What people wrote at the time: the first two notes of the incident, or of the minutes before it.
  private func notes(_ incident: Incident) -> Phrase {
    let from = context.onset(of: incident).advanced(bySeconds: -Self.noteLead)
    let entries = context.analysis.timeline.filter {
      $0.kind == .note && $0.time >= from && $0.time < incident.span.end
        && ($0.service.map(incident.services.contains) ?? true)
    }.prefix(2)
    let quotes = entries.compactMap { entry -> Phrase? in
      for case .log(let text) in entry.text.pieces where text.kind == .note {
        let time = context.time(entry.time, precisionSeconds: entry.precisionSeconds)
        return "\(context.door.admit(text)) (\(time))"
      }
      return nil
    }
    guard !quotes.isEmpty else { return "" }
    let proof = context.cited(entries.flatMap(\.evidence))
    return "The notes say \(Phrase.joined(quotes, by: " and "))\(proof)."
  }

  // MARK: Recovery

  private func recovery(_ incident: Incident) -> [Phrase] {
    var sentences: [Phrase] = []
    if let sustaining = context.supported(in: incident).first(where: { $0.role == .sustaining }) {
      sentences.append(statement(sustaining))
    }
    let within = context.entry(.withinCapacity, from: incident.span.start, to: incident.span.end)
    if let within {
      let time = context.time(within.time, precisionSeconds: within.precisionSeconds)
      sentences.append(
        "Demand was within ready capacity again at \(time)\(context.cited(within.evidence)).")
    }
    sentences.append(ending(incident))
    return sentences
  }

  private func stayedAway(_ incident: Incident) -> Phrase {
    let entry = context.entry(.trafficLost, from: incident.span.start, to: incident.span.end)
    return context.cited(entry?.evidence ?? [])
  }

  /// The end of an incident in which nothing failed: requests stayed away, or answers were slow.
  private func endingWithoutFailures(_ incident: Incident) -> Phrase {
    let proof = context.cited(Array(incident.evidence.suffix(1)))
    let isLoss = incident.detectedBy.contains(.trafficLoss)
    switch incident.endState {
    case .recovered, .partly:
      let end = context.time(incident.span.end)
      return isLoss
        ? "At \(end) requests had come back\(proof)."
        : "At \(end) answers were about as fast as usual again\(proof)."
    case .openAtEndOfInput:
      return isLoss
        ? "Requests had not come back when the logs end\(proof)."
        : "Answers were still slow when the logs end\(proof)."
    }
  }

  private func ending(_ incident: Incident) -> Phrase {
    if incident.impact.failed == 0 || incident.detectedBy == [.trafficLoss] {
      return endingWithoutFailures(incident)
    }
    // What lies outside this incident is what is usual only where no other incident lies there.
    let isAlone = !context.analysis.incidents.contains {
      $0.service == incident.service && $0.id != incident.id
    }
    let usual: Phrase =
      isAlone && incident.outside.requests > 0
      ? "its usual \(Figure.share(incident.outside.failed, of: incident.outside.requests))"
      : "its usual level"
    let proof = context.cited(Array(incident.evidence.suffix(1)))
    if incident.detectedBy == [.latency] {
      return incident.endState == .recovered
        ? "At \(context.time(incident.span.end)) answers came as fast as usual again\(proof)."
        : "Answers did not come as fast as usual again before the logs end\(proof)."
    }
    switch incident.endState {
    case .recovered:
      return "At \(context.time(incident.span.end)) the failed share was back at \(usual)\(proof)."
    case .partly:
      return
        "The failed share fell by \(context.time(incident.span.end)) and did not return to \(usual)\(proof)."
    case .openAtEndOfInput:
      return "The failed share had not returned to \(usual) when the logs end\(proof)."
    }
  }
}
