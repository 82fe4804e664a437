internal import IncidentModel
internal import TrafficTally

/// What the excess asks for, from where, and with what success.
enum ContentTests {
  static let all = [assets, routes, referrer, noReferrer, refused]

  static let assets = ExcessTest(
    name: "content.assets", family: .content,
    weights: [.init(name: "none", value: 0.7), .init(name: "usual", value: -1)]
  ) { part, weight in
    guard let shares = part.shares(of: \.isAsset) else { return nil }
    guard shares.usual >= ExcessParameters.leastAssets else {
      return ExcessTest.Sight(
        weight: 0, saw: "pictures, scripts and styles are rare in this log")
    }
    let ratio = shares.excess / shares.usual
    return ExcessTest.Sight(
      weight: ratio <= 0.15 ? weight(0) : ratio >= 0.5 ? weight(1) : 0,
      saw:
        "pictures, scripts and styles are \(share: shares.excess) of it, usually \(share: shares.usual)"
    )
  }

  /// Without the route that grew most: a campaign has such a route as a machine has.
  static let routes = ExcessTest(
    name: "content.routes", family: .content,
    weights: [.init(name: "usual", value: -1)]
  ) { part, weight in
    guard let mix = part.mixes(by: { $0.route }), mix.usual.count >= 3,
      let top = mix.excess.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key,
      let left = ExcessPart.normalised(mix.excess.filter { $0.key != top }),
      let right = ExcessPart.normalised(mix.usual.filter { $0.key != top }),
      part.effectiveCount * (1 - (mix.excess[top] ?? 0)) >= ExcessParameters.leastEffective / 2
    else { return nil }
    let bits = Divergence.bits(left, right)
    return ExcessTest.Sight(
      weight: bits <= 0.04 ? weight(0) : 0,
      saw: bits <= 0.04
        ? "beside the top route its routes are the usual ones"
        : "beside the top route its routes are not the usual ones")
  }

  static let referrer = ExcessTest(
    name: "content.referrer", family: .content, needs: [.referrer],
    weights: [.init(name: "foreign", value: -1)]
  ) { part, weight in
    let own = part.sample.ownReferrers
    guard let mix = part.mixes(by: { $0.isAsset ? nil : $0.referrer }),
      let best = mix.excess.filter({ $0.key != 0 && !own.contains($0.key) })
        .max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
    else {
      return ExcessTest.Sight(weight: 0, saw: "no other site leads to it")
    }
    let usual = mix.usual[best.key] ?? 0
    let host = LogText(part.sample.names.referrers.text(best.key), kind: .name)
    return ExcessTest.Sight(
      weight: best.value >= 0.25 && best.value >= 2 * usual ? weight(0) : 0,
      saw: "\(share: best.value) of its pages are led to by \(log: host), usually \(share: usual)")
  }

  static let noReferrer = ExcessTest(
    name: "content.no_referrer", family: .content, needs: [.referrer],
    weights: [.init(name: "none", value: 0.5)]
  ) { part, weight in
    guard let shares = part.shares(of: { $0.referrer == 0 }, among: { !$0.isAsset }) else {
      return nil
    }
    return ExcessTest.Sight(
      weight: shares.excess >= 0.9 && shares.usual <= 0.7 ? weight(0) : 0,
      saw:
        "\(share: shares.excess) of its pages have no referring page, usually \(share: shares.usual)"
    )
  }

  private static let refusals: Set<UInt16> = [400, 401, 403, 404, 405, 422]

  static let refused = ExcessTest(
    name: "content.refused", family: .content,
    weights: [.init(name: "often", value: 1.5)]
  ) { part, weight in
    guard
      let shares = part.shares(
        of: { refusals.contains($0.status) },
        among: { $0.outcome == .answered || $0.outcome == .clientError })
    else { return nil }
    return ExcessTest.Sight(
      weight: shares.excess >= 0.2 && shares.excess >= 5 * shares.usual ? weight(0) : 0,
      saw:
        "\(share: shares.excess) of its answers are 400, 401, 403, 404, 405 or 422, usually \(share: shares.usual)"
    )
  }
}

extension ExcessSample {
  /// Hosts that are the site's own: the most frequent referring one, where most requests with one come from it.
  var ownReferrers: Set<Int32> {
    var weights: [Int32: Double] = [:]
    var all = 0.0
    for row in before where row.referrer != 0 {
      weights[row.referrer, default: 0] += row.weight
      all += row.weight
    }
    let top = weights.max { ($0.value, $1.key) < ($1.value, $0.key) }
    var own: Set<Int32> = []
    if let top, top.value >= 0.4 * all { own.insert(top.key) }
    if let number = names.referrers.known(service) { own.insert(number) }
    return own
  }
}
