internal import IncidentModel

extension ReportSections {
  /// REPORT §2.6: supported causes in a table, the rest of the catalogue folded; every code stands in one row.
  func causes(_ incident: Incident, level: Int, into page: inout Page) {
    page.heading(level, "Causes")
    page.paragraph(
      "Floodmark finds signatures and tests them against each other. It shows what fits the logs; it does not prove why people or systems acted as they did."
    )
    if !incident.missing.isEmpty {
      page.paragraph("\(strong: "Only a part is known:") \(missing(incident))")
    }
    let shown = Array(context.supported(in: incident).prefix(6))
    var table = Page.Table([
      "Part it played", "Cause", "How sure", "Span: its share of failed requests", "For", "Against",
    ])
    var spans: [TimeSpan] = []
    let shared = SharedArguments(shown)
    for finding in shown {
      table.add(row(finding, incident, after: spans, without: shared))
      if let span = finding.span, finding.failedShare != nil { spans.append(span) }
    }
    page.table(table)
    for (causes, arguments) in shared.groups {
      let codes: [Phrase] = causes.map { "\($0)" }
      page.paragraph("Speaks for \(Phrase.enumerated(codes)) alike: \(told(arguments)).")
    }
    if shown.isEmpty {
      page.paragraph("No cause of the catalogue is supported by these inputs.")
    }
    let codes = Set(shown.map(\.cause))
    let rest = Cause.allCases.filter { !codes.contains($0) }
    let summary: Phrase =
      "\(words: shown.isEmpty ? "All" : "The other") \(Figure.count(rest.count)) causes: tested and not supported, or not testable"
    page.details(summary) { inner in
      var table = Page.Table(["Cause", "Result", "Why"])
      for cause in rest { table.add(folded(cause, incident)) }
      inner.table(table)
    }
  }

  private func missing(_ incident: Incident) -> Phrase {
    let parts = incident.missing.prefix(3).map { context.phrase($0.text) }
    let fetch = incident.missing.prefix(3).map { context.phrase($0.fetch) }
    let rest = incident.missing.count - parts.count
    let more: Phrase = rest > 0 ? "; \(Figure.count(rest)) more in \(code: "report.json")" : ""
    return
      "\(Phrase.joined(parts, by: "; "))\(more). That caps every verdict: \(Phrase.joined(fetch, by: ", and ")) could change it."
  }

  private func row(
    _ finding: Finding, _ incident: Incident, after spans: [TimeSpan],
    without shared: SharedArguments
  ) -> [Phrase] {
    [
      CauseWords.role(finding.role),
      "\(finding.cause): \(CauseWords.meaning(finding.cause))",
      CauseWords.likelihood(finding.likelihood),
      span(finding, incident, after: spans),
      arguments(shared.own(of: finding)) ?? context.phrase(finding.statement),
      arguments(finding.opposing) ?? nothingAgainst(finding),
    ]
  }

  /// `18:20–18:54: 64 % (overlaps)`: shares of overlapping spans do not add up, and the row says so.
  private func span(
    _ finding: Finding, _ incident: Incident, after spans: [TimeSpan]
  ) -> Phrase {
    let whole = finding.span ?? incident.span
    let span = context.clock.span(whole)
    guard let share = finding.failedShare else { return "\(span)" }
    let overlaps: Phrase = spans.contains { $0.overlaps(whole) } ? " (overlaps)" : ""
    return "\(span): \(Figure.share(share, places: 0))\(overlaps)"
  }

  /// The weightiest three arguments, each with its proof.
  private func arguments(_ arguments: [Argument]) -> Phrase? {
    guard !arguments.isEmpty else { return nil }
    let heaviest = arguments.indices.sorted { left, right in
      let weights = (abs(arguments[left].weight), abs(arguments[right].weight))
      return weights.0 != weights.1 ? weights.0 > weights.1 : left < right
    }
    return told(heaviest.prefix(3).sorted().map { arguments[$0] })
  }

  private func told(_ arguments: [Argument]) -> Phrase {
    let parts = arguments.map { argument -> Phrase in
      "\(context.phrase(argument.sentence))\(context.cited(argument.evidence))"
    }
    return Phrase.joined(parts, by: "; ")
  }

  private func nothingAgainst(_ finding: Finding) -> Phrase {
    guard let need = finding.needs.first else { return "nothing in these logs speaks against it" }
    return "nothing in these logs speaks against it; \(context.phrase(need)) could"
  }

  private func folded(_ cause: Cause, _ incident: Incident) -> [Phrase] {
    guard let finding = context.finding(cause, in: incident) else {
      return ["\(cause)", "not testable", "was not tested"]
    }
    var why = context.phrase(finding.statement)
    if finding.verdict == .untestable, let need = finding.needs.first {
      why = "\(why.isEmpty ? "" : why + "; ")needs \(context.phrase(need))"
    } else {
      let arguments = finding.verdict == .supported ? finding.supporting : finding.opposing
      why = why + context.cited(arguments.flatMap(\.evidence))
    }
    return ["\(cause)", CauseWords.result(finding), why]
  }
}

/// What speaks for several of the supported causes in the same words: told once, below their table.
private struct SharedArguments {
  /// The causes, and what speaks for all of them.
  private(set) var groups: [(causes: [Cause], arguments: [Argument])] = []
  private var sentences: Set<Sentence> = []

  init(_ findings: [Finding]) {
    var seen: [Sentence] = []
    var causes: [Sentence: [Cause]] = [:]
    var first: [Sentence: Argument] = [:]
    for finding in findings {
      for argument in finding.supporting {
        let sentence = argument.sentence
        if first[sentence] == nil {
          first[sentence] = argument
          seen.append(sentence)
        } else if first[sentence]?.evidence.isEmpty == true {
          first[sentence] = argument
        }
        causes[sentence, default: []].append(finding.cause)
      }
    }
    for sentence in seen {
      guard let causes = causes[sentence], causes.count > 1, let argument = first[sentence] else {
        continue
      }
      sentences.insert(sentence)
      if let index = groups.firstIndex(where: { $0.causes == causes }) {
        groups[index].arguments.append(argument)
      } else {
        groups.append((causes, [argument]))
      }
    }
  }

  /// What speaks for this cause alone.
  func own(of finding: Finding) -> [Argument] {
    finding.supporting.filter { !sentences.contains($0.sentence) }
  }
}
