internal import IncidentModel

extension ReportSections {
  /// The longest answer, in characters.
  static let longestAnswer = 220

  /// REPORT §2.2: the ten seconds.
  func glance(_ incident: Incident, into page: inout Page) {
    var table = Page.Table(["Question", "Answer"])
    func add(_ question: Phrase, _ answer: Phrase?) {
      guard let answer, !answer.isEmpty else { return }
      table.add(["\(strong: question)", answer.clipped(to: Self.longestAnswer)])
    }
    add("What", what(incident))
    add("Failed with it", failedWithIt(incident))
    add("Not shown", missing(incident))
    add("When", when(incident))
    add("How bad", howBad(incident))
    add("Most likely why", mostLikelyWhy(incident))
    let sustaining = context.supported(in: incident).first { $0.role == .sustaining }
    add("What kept it going", sustaining.map { context.headPhrase($0.statement).capitalized })
    add("How sure", howSure(incident))
    add("Short by", context.shortBy(incident))
    add("Still open", stillOpen)
    page.table(table)
  }

  private func what(_ incident: Incident) -> Phrase {
    let name = context.named(incident.service, " to ")
    let impact = incident.impact
    let counts: Phrase = "\(Figure.count(impact.failed)) of \(Figure.count(impact.requests))"
    // A few failures as on any day are not what happened.
    if incident.detectedBy.contains(.errors) {
      let share = Figure.share(impact.failed, of: impact.requests, places: 0)
      return "\(share) of requests\(name) failed: \(counts)"
    }
    let failed: Phrase = impact.failed == 0 ? "none" : "\(Figure.count(impact.failed))"
    if incident.detectedBy.contains(.trafficLoss) {
      return
        "Requests\(name) stayed away: \(Figure.count(impact.requests)) came, \(failed) of them failed"
    }
    return "Requests\(name) were slow: \(failed) of \(Figure.count(impact.requests)) failed"
  }

  /// The other services, those with most failures first.
  private func failedWithIt(_ incident: Incident) -> Phrase? {
    guard !incident.others.isEmpty else { return nil }
    let most = incident.others.enumerated().sorted {
      ($1.element.failed, $0.offset) < ($0.element.failed, $1.offset)
    }.map(\.element)
    let told = most.prefix(2).map { other -> Phrase in
      "\(context.name(other.service)) (\(Figure.count(other.failed)) of \(Figure.count(other.requests)))"
    }
    let rest = most.count - told.count
    return Phrase.enumerated(
      rest > 0 ? told + ["\(Figure.count(rest)) more"] : told)
  }

  /// What of the incident the logs do not show: it stands before everything that rests on what they do.
  private func missing(_ incident: Incident) -> Phrase? {
    guard let first = incident.missing.first else { return nil }
    let more =
      incident.missing.count > 1
      ? ", and \(Figure.count(incident.missing.count - 1)) more" as Phrase : ""
    return
      "\(context.headPhrase(first.text).capitalized)\(more). Fetch next: \(context.headPhrase(first.fetch))"
  }

  private func when(_ incident: Incident) -> Phrase {
    let start = context.time(incident.span.start)
    let end = context.time(incident.span.end)
    let length = Figure.duration(seconds: incident.span.seconds)
    var answer: Phrase
    switch incident.endState {
    case .recovered: answer = "\(start) to \(end) UTC (\(length))"
    case .partly: answer = "\(start) to \(end) UTC (\(length); recovery was not full)"
    case .openAtEndOfInput:
      answer = "\(start) to at least \(end) UTC (\(length); the logs end before full recovery)"
    }
    // Without it the first failure of the timeline would contradict the start.
    if incident.detectedBy.contains(.latency), let first = incident.phases.firstFailure,
      first.seconds(since: incident.span.start) > max(1, incident.startUncertaintySeconds)
    {
      answer = answer + ". Slow at first; failures from \(context.time(first))"
    }
    if incident.detectedBy != [.trafficLoss], let worst = incident.worstSpan,
      !isWhole(worst, of: incident), worst.seconds > 60
    {
      answer = answer + ". Worst: \(context.clock.span(worst))"
    }
    return answer
  }

  /// The worst span tells nothing where it leaves out less than a minute at each end.
  private func isWhole(_ worst: TimeSpan, of incident: Incident) -> Bool {
    worst.start.seconds(since: incident.span.start) < 60
      && incident.span.end.seconds(since: worst.end) < 60
  }

  private func howBad(_ incident: Incident) -> Phrase? {
    var parts: [Phrase] = []
    let impact = incident.impact
    if incident.detectedBy == [.trafficLoss] { return nil }
    if let minute = impact.worstMinute, let ratio = impact.worstMinuteRatio {
      let time = context.time(minute, precisionSeconds: 60)
      parts.append("Worst minute \(time): \(Figure.share(ratio)) failed")
    }
    if let clients = impact.clientsAffected {
      let number = Figure.estimate(clients, error: impact.clientsError)
      parts.append(
        "\(number) client\(words: clients == 1 ? "" : "s")\(margin(impact.clientsError)) saw at least one failure"
      )
    }
    // Where requests only stayed away, a few answers say nothing of how fast it was.
    if let latency = impact.p95Milliseconds, impact.failed == 0,
      incident.detectedBy.contains(.latency)
    {
      parts.append("p95 latency rose to \(Figure.latency(milliseconds: latency))")
    }
    return parts.isEmpty ? nil : Phrase.joined(parts.map(\.capitalized), by: ". ")
  }

  private func mostLikelyWhy(_ incident: Incident) -> Phrase {
    if let leading = context.finding(incident.cause, in: incident) {
      let statement = context.headPhrase(leading.statement)
      return CauseWords.tellsOnlyNumbers(leading.cause)
        ? CauseWords.meaning(leading.cause).capitalized + ": " + statement : statement.capitalized
    }
    let needs = incident.findings.filter { $0.verdict == .untestable }.flatMap(\.needs)
    guard let first = needs.first else {
      return "Cannot be told from these inputs: no cause of the catalogue fits them"
    }
    return "Cannot be told from these inputs; it would take \(context.headPhrase(first))"
  }

  private func howSure(_ incident: Incident) -> Phrase? {
    let parts = context.supported(in: incident).prefix(3).map { finding -> Phrase in
      let sure = CauseWords.likelihood(finding.likelihood)
      switch finding.role {
      case .leading where finding.span.map { $0.start > incident.span.start } == true:
        let start = finding.span.map { context.time($0.start, precisionSeconds: 60) }
        return "\(finding.cause) from \(start ?? .unknown): \(sure)"
      case .before: return "\(finding.cause) before it: \(sure)"
      case .sustaining: return "\(finding.cause) sustaining it: \(sure)"
      case .firstMinutes: return "\(finding.cause) in the first minutes: \(sure)"
      case .trigger: return "\(finding.cause) as the trigger: \(sure)"
      default: return "\(finding.cause): \(sure)"
      }
    }
    return parts.isEmpty ? nil : Phrase.joined(parts, by: ". ")
  }

  var stillOpen: Phrase {
    guard let first = context.analysis.openQuestions.first else {
      return "Nothing above the noise"
    }
    return "\(context.headPhrase(first.title)). These logs do not say"
  }
}

extension ReportContext {
  /// How many instances were missing at the peak; nil without capacity.
  func shortBy(_ incident: Incident) -> Phrase? {
    guard let account = accounts(of: incident).first else { return nil }
    guard let short = account.shortfall, let needed = account.peakNeeded,
      let ready = account.peakReady
    else { return "Cannot be told: \(unknownShortage(account))" }
    guard short > 0 else {
      return "No instance was missing: \(Figure.count(needed)) needed, \(Figure.count(ready)) ready"
    }
    var answer: Phrase =
      "\(instances(short)) at the peak: \(Figure.count(needed)) needed, \(Figure.count(ready)) ready"
    if let first = account.peakNeededFirstAttempts {
      let without = max(0, first - ready)
      if without == 0 {
        answer = answer + ". Without repeats: none"
      } else if without < short {
        let most: Phrase = incident.impact.repeatsIsLowerBound ? "at most " : ""
        answer = answer + ". Without repeats: \(most)\(Figure.count(without))"
      }
    }
    return answer
  }

  /// How well it is known what one instance carries; nil where that is a lower bound, which has no upper end to tell.
  func rateInterval(_ account: CapacityAccount) -> Phrase? {
    guard !account.perInstanceRateIsLowerBound else { return nil }
    return account.perInstanceRateInterval.map { "\(Figure.interval($0))" }
  }

  /// Why it cannot be told how many instances were missing.
  func unknownShortage(_ account: CapacityAccount) -> Phrase {
    account.perInstanceRateIsLowerBound
      ? "too few minutes show the whole group at its full capacity"
      : "what one instance carries is not known from these logs"
  }

  /// `1 instance`, `20 instances`
  func instances(_ number: Int) -> Phrase {
    number == 1 ? "1 instance" : "\(Figure.count(number)) instances"
  }
}
