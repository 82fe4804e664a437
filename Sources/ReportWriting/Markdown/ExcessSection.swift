internal import IncidentModel

extension MarkdownReport {
  /// REPORT §2.8: who the requests above the baseline were.
  func excess(_ incident: Incident, level: Int, into page: inout MarkdownPage) {
    guard let spike = context.spike(of: incident), let excess = spike.composition.excessRequests,
      excess > 0
    else { return }
    let composition = spike.composition
    page.heading(level, "The extra traffic")
    page.paragraph(
      "Excess over the baseline in the incident: \(Figure.count(excess)) requests\(context.cited(spike.evidence)). Kind: \(CauseWords.kind(composition.kind))."
    )
    page.table(parts(composition, excess))
    page.table(segments(composition))
    if let bots = composition.botShare, composition.kind != .botLike {
      page.paragraph(
        "Bot-like share of the excess: \(Figure.share(bots))\(context.cited(spike.evidence)) (regular timing, few networks, no images or styles fetched)."
      )
    }
  }

  /// Parts that add up to the excess.
  private func parts(_ composition: Composition, _ excess: Int) -> MarkdownPage.Table {
    var table = MarkdownPage.Table(["Part of the excess", "Requests", "Share"], right: [1, 2])
    func part(_ share: Double?) -> Int? {
      guard let share, share.isFinite else { return nil }
      return Int((min(1, max(0, share)) * Double(excess)).rounded())
    }
    let repeats = part(composition.retryShare)
    let bots = composition.kind == .botLike ? part(composition.botShare) : nil
    guard repeats != nil || bots != nil else { return table }
    let rest = max(0, excess - (repeats ?? 0) - (bots ?? 0))
    func add(_ name: Phrase, _ number: Int) {
      table.add([name, "\(Figure.count(number))", "\(Figure.share(number, of: excess))"])
    }
    add(bots == nil ? "First attempts" : "First attempts of other clients", rest)
    if let bots { add("First attempts of bot-like clients", bots) }
    if let repeats {
      add("Repeats: same client, method and path within 60 s of a failure", repeats)
    }
    table.add([
      "\(strong: "Total")", "\(strong: "\(Figure.count(excess))")",
      "\(strong: "\(Figure.share(excess, of: excess))")",
    ])
    return table
  }

  private func segments(_ composition: Composition) -> MarkdownPage.Table {
    var table = MarkdownPage.Table(
      ["Largest parts by", "Value", "Share of excess", "Share of baseline"], right: [2, 3])
    for segment in composition.segments.prefix(8) {
      let error: Phrase =
        segment.shareError > 0.0005
        ? " (± \(Figure.share(segment.shareError)))" : ""
      table.add([
        CauseWords.dimension(segment.dimension), "\(context.door.admit(segment.value))",
        "\(Figure.share(segment.shareOfExcess))\(error)",
        "\(Figure.share(segment.baselineShare))",
      ])
    }
    return table
  }
}
