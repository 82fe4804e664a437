internal import IncidentModel

extension ReportSections {
  /// REPORT §2.10: what the logs do not tell, and which input would.
  func limits(into page: inout Page) {
    let analysis = context.analysis
    page.heading(2, "What these logs cannot tell")
    var items: [Phrase] = analysis.openQuestions.prefix(10).map { question in
      "\(strong: context.phrase(question.title))\(context.cited(question.evidence)). \(context.phrase(question.text))"
    }
    items += needs + inner + lookAlikes + normal + bursts
    if context.hasRequests { items += analysis.coverage.clock.prefix(5).map(clock) }
    items.append(coverage)
    items += gaps
    page.bullets(items)
  }

  /// Inputs that would have decided causes which could not be tested, each once.
  private var needs: [Phrase] {
    var seen: Set<Sentence> = []
    var items: [Phrase] = []
    for finding in context.worstIncident?.findings ?? [] where finding.verdict == .untestable {
      guard let need = finding.needs.first, seen.insert(need).inserted else { continue }
      items.append(
        "\(strong: "Whether \(finding.cause) played a part"). It would take \(context.phrase(need))."
      )
    }
    return Array(items.prefix(5))
  }

  /// Services that are the inner side of another's flow.
  private var inner: [Phrase] {
    let services = context.analysis.services.filter { $0.insideOf != nil }
    var items: [Phrase] = services.prefix(5).map { service in
      let outer = context.name(service.insideOf ?? "")
      return
        "\(strong: "One flow, two logs"). \(context.name(service.name)) tells of requests that \(outer) passed on: \(Figure.count(service.impact.requests)) of them, \(Figure.count(service.impact.failed)) failed. They are shown here and counted nowhere else."
    }
    if services.count > 5 {
      items.append(
        "\(strong: "One flow, two logs"). \(Figure.count(services.count - 5)) more: \(code: "report.json")."
      )
    }
    return items
  }

  /// What the usual arrivals of the service were learnt from.
  private var normal: [Phrase] {
    let name = context.worstIncident?.service ?? context.analysis.services.first?.name
    guard let service = context.analysis.services.first(where: { $0.name == name }),
      let normal = service.normal
    else { return [] }
    let given = context.analysis.inputs.filter { $0.isBaseline && $0.records > 0 }
    let helps = given.contains { $0.last.map { $0 >= normal.span.start } ?? false }
    let from = context.clock.dated(normal.span.start)
    let to = context.clock.dated(normal.span.end)
    let learnt: Phrase =
      switch normal.level {
      case .weeks: "the same minutes of earlier weeks"
      case .days: "the same minutes of earlier days"
      case .trailing:
        trailing(service.name)
      case .firstMinutes: "the first minutes of these logs, a short baseline"
      }
    let number: Phrase =
      given.count == 1 ? "1 input was" : "\(Figure.count(given.count)) inputs were"
    let baseline: Phrase =
      given.isEmpty
      ? ""
      : helps
        ? " \(number) given for that alone and count nowhere else."
        : " \(number) given for that alone, and tell nothing of these hours."
    return [
      "\(strong: "Normal"). What is usual\(context.named(service.name, " for ")) was learnt from \(learnt): \(from) to \(to).\(leftOut(normal))\(baseline)"
    ]
  }

  /// Before what the hour was from which the usual was learnt.
  private func trailing(_ service: String) -> Phrase {
    if let incident = context.worstIncident {
      return context.spike(of: incident) == nil
        ? "the hour before the incident, a short baseline"
        : "the hour before the rise, a short baseline"
    }
    return context.analysis.spikes.contains { $0.service == service }
      ? "the hour before the rise, a short baseline"
      : "the hour before each moment, a short baseline; for the last of them"
  }

  /// Failures that come in bursts all along, and were taken for usual.
  private var bursts: [Phrase] {
    context.analysis.services.filter { $0.usualBursts != nil }.prefix(3).compactMap { service in
      guard let bursts = service.usualBursts else { return nil }
      let every = Figure.duration(seconds: bursts.everySeconds)
      let longest = Figure.duration(seconds: bursts.longestSeconds)
      let least = Figure.count(bursts.failed.lowerBound)
      let most = Figure.count(bursts.failed.upperBound)
      return
        "\(strong: "Failures in bursts"). \(Figure.count(bursts.count)) times\(context.named(service.name, " at ")), about every \(every), \(least) to \(most) requests failed within \(longest) at most. They come all along, so they were taken for usual and are no incidents; what sets them off these logs do not tell."
    }
  }

  /// The beginning of the logs that was taken for unusual.
  private func leftOut(_ normal: NormalSource) -> Phrase {
    guard let leftOut = normal.leftOut else { return "" }
    let size = Figure.duration(seconds: leftOut.span.seconds)
    return switch leftOut.reason {
    case .start:
      " It is assumed that the service had just started when these logs begin: traffic came up from nothing and then stayed, so their first \(size) were left out."
    case .failing:
      " The first \(size) of these logs were left out, for requests failed from their first lines on."
    case .lower:
      " It is assumed that these logs begin with a part of the traffic: their first \(size) had less than what followed for longer, and were left out."
    case .higher:
      " It is assumed that these logs begin in a rush that was passing: their first \(size) had more traffic than what followed for longer, and were left out."
    }
  }

  /// Pairs of services that may have logged the same requests, each pair once.
  private var lookAlikes: [Phrase] {
    let alike = context.analysis.services.filter { $0.perhapsSameAs != nil }
    return alike.prefix(5).compactMap { service in
      guard let other = service.perhapsSameAs,
        service.name < other || !alike.contains(where: { $0.name == other })
      else { return nil }
      return
        "\(strong: "Perhaps the same requests twice"). \(context.name(service.name)) and \(context.name(other)) count nearly the same in nearly every minute, as two logs of one flow do. Their numbers are not added."
    }
  }

  private func clock(_ clock: Coverage.Clock) -> Phrase {
    let input = context.place(clock.input)
    let error = Figure.duration(seconds: abs(clock.uncertaintySeconds))
    let reason = context.phrase(clock.reason)
    let size = Figure.duration(seconds: abs(clock.offsetSeconds))
    if clock.offsetSeconds == 0 {
      return
        "\(strong: "Clock"). \(input) is read as it stands (± \(error) against the access logs): \(reason)."
    }
    return clock.offsetSeconds > 0
      ? "\(strong: "Clock"). \(input) is \(size) ahead of the access logs (± \(error)): \(reason)."
      : "\(strong: "Clock"). \(input) is \(size) behind the access logs (± \(error)): \(reason)."
  }

  private var coverage: Phrase {
    let inputs = context.analysis.inputs
    let partly = inputs.filter { $0.truncatedAt != nil || $0.problems.contains(where: \.isLoss) }
      .count
    let access = inputs.filter { $0.kind == .access }
    let lines = access.reduce(0) { $0 + $1.lines }
    let rejected = access.reduce(0) { $0 + $1.rejected }
    let all: Phrase =
      inputs.isEmpty
      ? "no input"
      : partly == 0
        ? "\(inputCount(inputs.count)), \(inputs.count == 1 ? "the whole of it" : "each to its end")"
        : "\(inputCount(inputs.count)), \(Figure.count(partly)) of them in part"
    let lost: Phrase =
      access.isEmpty
      ? "No access log was among them"
      : rejected == 0
        ? "Each of the \(Figure.count(lines)) access-log lines could be parsed"
        : "\(Figure.count(rejected)) of \(Figure.count(lines)) access-log lines could not be parsed"
    return
      "\(strong: "Read"): \(all). \(lost) (see \(section: "Inputs", anchor: "inputs")).\(rises)"
  }

  /// Lines that could not be read pile up in outages, so what an incident's numbers lack is told.
  private var rises: Phrase {
    let rises = context.analysis.coverage.rejectRises.prefix(5).map { rise in
      let number = Int(rise.incident.dropFirst()) ?? 1
      return
        " \(Figure.count(rise.count)) of these \(Figure.count(rise.total)) stand in the minutes of \(incident: number), so it may have had more requests than were counted."
        as Phrase
    }
    return Phrase.joined(Array(rises), by: "")
  }

  private func inputCount(_ number: Int) -> Phrase {
    number == 1 ? "1 input" : "\(Figure.count(number)) inputs"
  }

  private var gaps: [Phrase] {
    let gaps = context.analysis.coverage.gaps
    var items: [Phrase] = gaps.prefix(5).map { gap in
      let place: Phrase = gap.input.map { "\(context.place($0))" } ?? "all access logs"
      let length = Figure.duration(seconds: gap.span.seconds)
      return
        "\(strong: "Gap"). Nothing in \(place) for \(length) (\(context.clock.span(gap.span, precisionSeconds: 1)))."
    }
    if gaps.count > 5 {
      items.append(
        "\(strong: "Gap"). \(Figure.count(gaps.count - 5)) more: \(code: "report.json").")
    }
    return items
  }
}
