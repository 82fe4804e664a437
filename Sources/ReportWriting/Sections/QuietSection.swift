internal import IncidentModel

/// The head of a report without an incident: what was read, what was seen, and what cannot be told.
extension ReportSections {
  func quietGlance(into page: inout Page) {
    let analysis = context.analysis
    var table = Page.Table(["Question", "Answer"])
    func add(_ question: Phrase, _ answer: Phrase?) {
      guard let answer else { return }
      table.add(["\(strong: question)", answer.clipped(to: Self.longestAnswer)])
    }
    add("What", context.hasRequests ? quietCounts : "Cannot be told: no access log was read")
    if analysis.window.span.seconds > 0 {
      let span = context.clock.span(analysis.window.span)
      let length = Figure.duration(seconds: analysis.window.span.seconds)
      add("When", "\(span) UTC (\(length)) was looked at")
    }
    let read = analysis.inputs.filter { $0.kind != .skipped }.count
    add("Read", "\(Figure.count(read)) of \(Figure.count(analysis.inputs.count)) inputs")
    add("Spikes", context.hasRequests ? quietSpikes : nil)
    add("Latency", slowerAnswers)
    add("Capacity", refusals)
    add("Gap", silence)
    add("Still open", stillOpen)
    page.table(table)
  }

  private var quietCounts: Phrase {
    let outer = context.outerServices
    func sum(_ count: (Impact) -> Int) -> Int { outer.reduce(0) { $0 + count($1.impact) } }
    let (failed, requests) = (sum(\.failed), sum(\.requests))
    var answer: Phrase =
      context.failsThroughout
      ? "\(Figure.share(failed, of: requests, places: 0)) of requests failed: \(Figure.count(failed)) of \(Figure.count(requests)); no stretch of them stands out as an incident"
      : "No incident found: \(Figure.count(failed)) of \(Figure.count(requests)) requests failed"
    let throttled = sum(\.throttled)
    if throttled > 0 {
      answer =
        answer
        + "; \(Figure.count(throttled)) were throttled (429)"
    }
    let abandoned = sum(\.abandoned)
    if abandoned > 0 {
      answer =
        answer
        + "; \(Figure.count(abandoned)) were abandoned by the client"
    }
    return answer
  }

  private var quietSpikes: Phrase {
    let spikes = context.analysis.spikes
    let absorbed = spikes.filter { $0.outcome == .absorbed }.count
    guard !spikes.isEmpty else { return "None: demand kept to its usual range" }
    guard absorbed == spikes.count else {
      return "\(Figure.count(spikes.count)) found, \(Figure.count(absorbed)) of them absorbed"
    }
    return absorbed == 1
      ? "1 found, and absorbed" : "\(Figure.count(absorbed)) found, all of them absorbed"
  }

  /// What took longer for a time is no outage, but somebody may have asked because of it.
  private var slowerAnswers: Phrase? {
    guard let row = context.analysis.timeline.first(where: { $0.kind == .latencyChanged })
    else { return nil }
    let isOne = context.analysis.services.count == 1
    let service: Phrase =
      isOne ? "" : row.service.map { "\(context.name($0)), " } ?? ""
    let proof = context.ids(row.evidence)
    let time = context.time(row.time, precisionSeconds: row.precisionSeconds)
    return "\(service)\(time): \(context.phrase(row.text)) \(proof)"
  }

  /// Failed launches speak even where no request does.
  private var refusals: Phrase? {
    let told = context.analysis.capacity.flatMap { account in
      account.refusals.sorted { $0.count > $1.count }.prefix(2).map { refusals -> Phrase in
        "\(context.name(account.group)): \(refusal(refusals))"
      }
    }
    return told.isEmpty ? nil : Phrase.joined(Array(told.prefix(3)), by: " ")
  }

  /// A stretch without a line may be the outage itself.
  private var silence: Phrase? {
    let gaps = context.analysis.coverage.gaps.filter { $0.input == nil }
    guard let longest = gaps.max(by: { $0.span.seconds < $1.span.seconds }) else { return nil }
    let length = Figure.duration(seconds: longest.span.seconds)
    return
      "No access log holds a line for \(length) (\(context.clock.span(longest.span))): logs are missing, or no request was answered. These logs cannot tell which"
  }
}

extension ReportContext {
  /// Whether any request was read.
  var hasRequests: Bool { analysis.services.contains { $0.impact.requests > 0 } }

  /// The services whose requests add up to all.
  var outerServices: [ServiceSummary] {
    analysis.services.filter { service in
      // Of two that may be one flow the first by name counts.
      service.insideOf == nil && service.perhapsSameAs.map { service.name < $0 } ?? true
    }
  }

  /// Too many fail for a day like any other, and yet there is no incident: they fail evenly, or in bursts that come all along.
  var failsThroughout: Bool {
    let requests = outerServices.reduce(0) { $0 + $1.impact.requests }
    let failed = outerServices.reduce(0) { $0 + $1.impact.failed }
    return analysis.incidents.isEmpty && Impact.isMuch(failed: failed, of: requests)
  }
}
