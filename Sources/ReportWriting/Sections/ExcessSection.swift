internal import IncidentModel

extension ReportSections {
  /// REPORT §2.8: who the requests above the baseline were.
  func excess(_ incident: Incident, level: Int, into page: inout Page) {
    guard let spike = context.spike(of: incident), let excess = spike.composition.excessRequests,
      excess > 0
    else { return }
    let composition = spike.composition
    page.heading(level, "The extra traffic")
    page.paragraph(
      "From \(context.time(spike.onset)) \(spike.isOpen ? "to the end of the logs" : "to \(context.time(spike.end))") \(Figure.count(excess)) requests came above the baseline\(context.cited(spike.evidence)). Kind: \(CauseWords.kind(composition.kind))\(context.cited(madeByOne(composition) ?? []))."
    )
    page.table(parts(composition, isLeast: incident.impact.repeatsIsLowerBound))
    page.table(segments(composition))
    if let chart = charts[.excess, of: incident] {
      if medium == .html {
        page.chart(chart)
      } else {
        page.paragraph("Same data as a drawing: \(chart).")
      }
    }
    peopleOrMachines(composition, into: &page)
  }

  /// Parts that add up to the excess.
  private func parts(_ composition: Composition, isLeast: Bool) -> Page.Table {
    var table = Page.Table(["Part of the excess", "Requests", "Share"], right: [1, 2])
    guard let parts = ExcessParts(composition) else { return table }
    for part in parts.rows where part.requests > 0 {
      table.add([
        part.kind.phrase(isLeast: isLeast), "\(Figure.count(part.requests))",
        "\(Figure.share(part.requests, of: parts.whole))",
      ])
    }
    table.add([
      "\(strong: "Total")", "\(strong: "\(Figure.count(parts.whole))")",
      "\(strong: "\(Figure.share(parts.whole, of: parts.whole))")",
    ])
    return table
  }

  private func segments(_ composition: Composition) -> Page.Table {
    var table = Page.Table(
      ["Largest parts by", "Value", "Share of excess", "Share of baseline"], right: [2, 3])
    var seen: Set<Phrase> = []
    for segment in composition.segments.prefix(8) {
      let error: Phrase =
        segment.shareError > 0.0005
        ? " (± \(Figure.share(segment.shareError)))" : ""
      let dimension = CauseWords.dimension(segment.dimension)
      let value: Phrase = "\(context.door.admit(segment.value))"
      // Networks that too few clients share are shown by a wider one, which may be the same.
      let isFirst = seen.insert("\(dimension) \(value)").inserted
      table.add([
        dimension, isFirst ? value : "another in \(value)",
        "\(Figure.share(segment.shareOfExcess))\(error)",
        "\(Figure.share(segment.baselineShare))",
      ])
    }
    return table
  }
}

/// What the excess is made of, in whole requests that add up to it.
struct ExcessParts {
  enum Kind {
    case firstAttempts, otherFirstAttempts, botLike, repeats

    /// `isLeast`: the repeats are a lower bound.
    func phrase(isLeast: Bool) -> Phrase {
      switch self {
      case .firstAttempts: isLeast ? "First attempts (at most)" : "First attempts (about)"
      case .otherFirstAttempts: "First attempts of other clients"
      case .botLike: "First attempts of bot-like clients"
      case .repeats where isLeast:
        "Repeats (at least): same client, method and path within 60 s of a failure"
      case .repeats: "Repeats (about): same client, method and path within 60 s of a failure"
      }
    }
  }

  let whole: Int
  private(set) var rows: [(kind: Kind, requests: Int)] = []

  /// nil where no part is known.
  init?(_ composition: Composition) {
    guard let excess = composition.excessRequests, excess > 0 else { return nil }
    func part(_ share: Double?) -> Int? {
      guard let share, share.isFinite else { return nil }
      return Int((min(1, max(0, share)) * Double(excess)).rounded())
    }
    let repeats = part(composition.retryShare)
    let bots = (composition.botShare ?? 0) > 0 ? part(composition.botShare) : nil
    guard repeats != nil || bots != nil else { return nil }
    whole = excess
    let rest = max(0, excess - (repeats ?? 0) - (bots ?? 0))
    rows.append((bots == nil ? .firstAttempts : .otherFirstAttempts, rest))
    if let bots { rows.append((.botLike, bots)) }
    if let repeats { rows.append((.repeats, repeats)) }
  }
}
