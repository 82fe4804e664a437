internal import IncidentModel

/// Whether people or machines made the excess, and what spoke for it (METHODS §7).
extension ReportSections {
  func peopleOrMachines(_ composition: Composition, into page: inout Page) {
    guard !composition.parts.isEmpty else {
      if let need = composition.needs.first {
        page.paragraph(
          "Whether people or machines made it cannot be told. What would decide it: \(context.phrase(need))."
        )
      }
      return
    }
    if madeByOne(composition) == nil { page.paragraph(summary(composition)) }
    if composition.parts.count > 1 { page.table(judged(composition)) }
    accompanied(composition, into: &page)
    let signs = signs(composition)
    page.details(
      "\(words: "The signs of people and of machines, each with its weight: ")\(Figure.count(signs.rows.count))"
    ) {
      $0.table(signs)
    }
    undecided(composition, into: &page)
    crawlers(composition, into: &page)
    together(composition, into: &page)
  }

  /// The proof of who made the excess, where its kind says so already; nil where it takes a sentence more.
  func madeByOne(_ composition: Composition) -> [EvidenceID]? {
    guard composition.parts.count == 1, let part = composition.parts.first else { return nil }
    switch (composition.kind, part.verdict) {
    case (.organic, .people), (.botLike, .machines): return part.evidence
    default: return nil
    }
  }

  /// `Machines made 62.0 % (± 3.1 %) of the first attempts above the baseline, people 38.0 %.`
  private func summary(_ composition: Composition) -> Phrase {
    let parts = composition.parts
    if parts.count == 1 {
      let part = parts[0]
      let cited = context.cited(part.evidence)
      switch part.verdict {
      case .machines:
        return "The first attempts above the baseline look \(strong: "machine-made")\(cited)."
      case .people:
        return
          "The first attempts above the baseline look like those of \(strong: "people")\(cited)."
      case .cannotTell:
        return
          "Whether people or machines made the first attempts above the baseline \(strong: "cannot be told")\(cited)."
      }
    }
    if parts.allSatisfy({ $0.verdict == .cannotTell }) {
      return
        "Whether people or machines made the first attempts above the baseline \(strong: "cannot be told") of any part of them\(context.cited(parts.flatMap(\.evidence)))."
    }
    let told: [Phrase] = parts.map { part in
      "\(strong: verdict(part.verdict)) \(share(part.share, part.shareError))\(context.cited(part.evidence))"
    }
    return
      "Of the first attempts above the baseline, told apart by \(parts.contains { $0.selection == .networks } ? "network" : "software"): \(Phrase.joined(told, by: "; "))."
  }

  private func share(_ share: Double, _ error: Double) -> Phrase {
    let margin: Phrase = error > 0.0005 ? " (± \(Figure.share(error)))" : ""
    return "\(Figure.share(share))\(margin)"
  }

  private func verdict(_ verdict: Composition.Part.Verdict) -> Phrase {
    switch verdict {
    case .people: "people"
    case .machines: "machines"
    case .cannotTell: "cannot be told"
    }
  }

  private func name(_ part: Composition.Part) -> Phrase {
    let values: [Phrase] = part.values.map { "\(context.door.admit($0))" }
    let joined = Phrase.joined(values, by: ", ")
    switch part.selection {
    case .whole: return "All of it"
    case .agents: return "Software \(joined)"
    case .networks: return "Networks \(joined)"
    case .rest: return "The rest"
    }
  }

  /// The part's name within a sentence.
  private func subject(_ part: Composition.Part) -> Phrase {
    switch part.selection {
    case .whole: "it"
    case .agents, .networks: name(part).uncapitalized
    case .rest: "the rest"
    }
  }

  private func judged(_ composition: Composition) -> Page.Table {
    var table = Page.Table(
      ["Part of the first attempts", "Share", "Made by", "Log-odds of machines"], right: [1, 3])
    for part in composition.parts {
      table.add([
        name(part), share(part.share, part.shareError), verdict(part.verdict),
        "\(Figure.weight(part.logOdds))",
      ])
    }
    return table
  }

  /// People who came with machines from which neither software nor networks divide them.
  private func accompanied(_ composition: Composition, into page: inout Page) {
    for part in composition.parts where part.peopleShare > 0 {
      let whose: Phrase = composition.parts.count > 1 ? "\(subject(part))" : "it"
      page.paragraph(
        "About \(Figure.share(part.peopleShare)) of \(whose) is people's, who came with the machines: so much of what only a browser with a reader loads (pictures, scripts, styles) is in it."
      )
    }
  }

  /// Tests that weighed, the heaviest first; what the others saw stands in `report.json`.
  private func signs(_ composition: Composition) -> Page.Table {
    var table = Page.Table(["Looked at", "Seen", "Speaks for", "Weight"], right: [3])
    for part in composition.parts {
      let weighed = part.tests.filter { $0.state == .weighed }.enumerated().sorted {
        (abs($1.element.weight), $0.offset) < (abs($0.element.weight), $1.offset)
      }.map(\.element)
      for test in weighed {
        let place: Phrase = composition.parts.count > 1 ? "\(name(part)): " : ""
        table.add([
          "\(place)\(looked(test.family))", context.phrase(test.saw),
          test.weight > 0 ? "machines" : "people", "\(Figure.weight(test.weight))",
        ])
      }
    }
    return table
  }

  private func looked(_ family: Composition.Family) -> Phrase {
    switch family {
    case .origin: "where it comes from"
    case .pacing: "pace of its clients"
    case .content: "what it asks for"
    case .identity: "which software it names"
    }
  }

  private func undecided(_ composition: Composition, into page: inout Page) {
    for part in composition.parts {
      guard let obstacle = part.obstacle else { continue }
      let shared: Phrase =
        part.isShared
        ? " Many people stand behind each address, so the pace of addresses is not judged." : ""
      page.paragraph(
        "Why \(composition.parts.count > 1 ? subject(part) : "it") cannot be told: \(context.phrase(obstacle)).\(shared)"
      )
    }
    guard !composition.needs.isEmpty else { return }
    let needs = composition.needs.map { context.phrase($0) }
    page.paragraph("What would decide it: \(Phrase.joined(needs, by: "; ")).")
  }

  private func crawlers(_ composition: Composition, into page: inout Page) {
    guard !composition.crawlers.isEmpty else { return }
    let told: [Phrase] = composition.crawlers.prefix(5).map { crawler in
      let standing: Phrase =
        switch crawler.standing {
        case .verified: "from the networks of the list that was given"
        case .claimed: "claimed, not verified: not from the networks of the list that was given"
        case .unchecked: "not verified: no list of its networks was given"
        }
      return
        "\(context.door.admit(crawler.name)) \(Figure.share(crawler.shareOfExcess)) (\(standing))"
    }
    page.paragraph("Declared crawlers in the excess: \(Phrase.joined(told, by: "; ")).")
  }

  private func together(_ composition: Composition, into page: inout Page) {
    guard !composition.pairs.isEmpty else { return }
    let told: [Phrase] = composition.pairs.map { pair in
      "\(CauseWords.dimension(pair.first.dimension).uncapitalized) \(context.door.admit(pair.first.value)) with \(CauseWords.dimension(pair.second.dimension).uncapitalized) \(context.door.admit(pair.second.value)) \(share(pair.shareOfExcess, pair.shareError)), usually \(Figure.share(pair.baselineShare))"
    }
    page.paragraph("What came together: \(Phrase.joined(told, by: "; ")).")
  }
}
