internal import IncidentModel
internal import TrafficTally

/// Which software the excess says it is.
enum IdentityTests {
  static let all = [mix, tools, oldBrowsers, crawlers, oneBrowser, bareBrowsers]

  /// Only of the whole or of a part by network: of a part by software the mix says how it was chosen.
  static let mix = ExcessTest(
    name: "identity.mix", family: .identity, needs: [.agent],
    weights: [.init(name: "usual", value: -1.5), .init(name: "near", value: -0.5)],
    isVoidByAgent: true
  ) { part, weight in
    guard let mix = part.mixes(by: { $0.version }), mix.usual.count >= 3,
      part.effectiveCount >= ExcessParameters.leastEffective
    else { return nil }
    let bits = Divergence.bits(mix.excess, mix.usual)
    if hasBareBrowsers(part) == true {
      return ExcessTest.Sight(
        weight: 0, saw: "what names a browser does not act as one, so its names say nothing")
    }
    return ExcessTest.Sight(
      weight: bits <= 0.1 ? weight(0) : bits <= 0.2 ? weight(1) : 0,
      saw: bits <= 0.1
        ? "its software is the usual mix"
        : bits <= 0.2
          ? "its software is nearly the usual mix" : "its software is not the usual mix")
  }

  /// Against everybody's past: where tools are the usual clients, more of them say nothing.
  static let tools = ExcessTest(
    name: "identity.tools", family: .identity, needs: [.agent],
    weights: [.init(name: "tools", value: 2)]
  ) { part, weight in
    let isTool = { (row: ExcessRow) in row.kind == .tool || row.kind == .headless }
    guard let shares = part.shares(of: isTool) else { return nil }
    let usual = part.sample.usualShare(of: isTool)
    return ExcessTest.Sight(
      weight: shares.excess >= 0.3 && shares.excess >= usual + 0.2 ? weight(0) : 0,
      saw:
        "\(share: shares.excess) names a tool or a browser without a screen, usually \(share: usual)"
    )
  }

  static let oldBrowsers = ExcessTest(
    name: "identity.old_browsers", family: .identity, needs: [.agent],
    weights: [.init(name: "very_old", value: 1.5), .init(name: "old", value: 1)]
  ) { part, weight in
    let newest = part.sample.upperVersions
    guard !newest.isEmpty else { return nil }
    func share(_ behind: Int) -> (excess: Double, usual: Double)? {
      func isOld(_ row: ExcessRow) -> Bool {
        guard row.kind == .browser, row.major >= 0, let upper = newest[row.family] else {
          return false
        }
        return upper - row.major > behind
      }
      return part.shares(of: isOld).map { ($0.excess, part.sample.usualShare(of: isOld)) }
    }
    guard let ancient = share(40), let old = share(8) else { return nil }
    if ancient.excess >= ancient.usual + 0.2 {
      return ExcessTest.Sight(
        weight: weight(0),
        saw:
          "\(share: ancient.excess) names browsers more than 40 versions old, usually \(share: ancient.usual)"
      )
    }
    return ExcessTest.Sight(
      weight: old.excess >= old.usual + 0.4 ? weight(1) : 0,
      saw:
        "\(share: old.excess) names browsers more than 8 versions old, usually \(share: old.usual)")
  }

  static let crawlers = ExcessTest(
    name: "identity.crawlers", family: .identity, needs: [.agent],
    weights: [.init(name: "declared", value: 3)]
  ) { part, weight in
    guard let shares = part.shares(of: { $0.kind == .crawler }) else { return nil }
    return ExcessTest.Sight(
      weight: shares.excess >= 0.6 ? weight(0) : 0, isDecisive: true,
      saw: "\(share: shares.excess) says that it is a crawler, usually \(share: shares.usual)")
  }

  static let oneBrowser = ExcessTest(
    name: "identity.one_browser", family: .identity, needs: [.agent],
    weights: [.init(name: "alone", value: 1)], isVoidByAgent: true
  ) { part, weight in
    guard let mix = part.mixes(by: { $0.kind == .browser ? $0.agent : -1 }) else { return nil }
    let browsers = mix.excess.filter { $0.key > 0 }
    guard let top = browsers.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
      return ExcessTest.Sight(weight: 0, saw: "no browser stands out")
    }
    let usual = mix.usual[top.key] ?? 0
    return ExcessTest.Sight(
      weight: top.value >= 0.25 && top.value >= 5 * usual + 0.1 ? weight(0) : 0,
      saw: "\(share: top.value) names one and the same browser, usually \(share: usual)")
  }
}

extension IdentityTests {
  /// Software that names a browser but loads none of what a page is made of: the name is borrowed.
  ///
  /// Of answered requests alone, since a page that failed has no parts to load. Apps load none either, so they are left out of both sides.
  static let bareBrowsers = ExcessTest(
    name: "identity.bare_browsers", family: .identity, needs: [.agent],
    weights: [.init(name: "bare", value: 1)]
  ) { part, weight in
    guard let shares = browserAssets(part) else { return nil }
    guard shares.usual >= ExcessParameters.leastAssets else {
      return ExcessTest.Sight(
        weight: 0, saw: "browsers load hardly any pictures, scripts and styles in this log")
    }
    return ExcessTest.Sight(
      weight: isBare(shares) ? weight(0) : 0,
      saw:
        "of what names a browser \(share: shares.excess) are pictures, scripts and styles, usually \(share: shares.usual)"
    )
  }

  private static func browserAssets(_ part: ExcessPart) -> (excess: Double, usual: Double)? {
    let isAnswered = { (row: ExcessRow) in
      row.kind == .browser && (row.outcome == .answered || row.outcome == .clientError)
    }
    let count = part.during.count(where: isAnswered)
    guard Double(count) >= ExcessParameters.leastEffective,
      let shares = part.shares(of: \.isAsset, among: isAnswered)
    else { return nil }
    // Against everybody's past: who never was here has none of his own.
    return shares
  }

  private static func isBare(_ shares: (excess: Double, usual: Double)) -> Bool {
    shares.usual >= ExcessParameters.leastAssets && shares.excess <= 0.15 * shares.usual
  }

  static func hasBareBrowsers(_ part: ExcessPart) -> Bool? { browserAssets(part).map(isBare) }
}

extension ExcessSample {
  /// The share of some requests of the hour before.
  func usualShare(of holds: (ExcessRow) -> Bool) -> Double {
    let some = before.reduce(0) { holds($1) ? $0 + $1.weight : $0 }
    return usual > 0 ? some / usual : 0
  }

  /// By browser family, the upper quartile of the versions of the hour before; of families with at least 20 sampled requests.
  var upperVersions: [Int32: Int] {
    var versions: [Int32: [Int]] = [:]
    for row in before where row.kind == .browser && row.major >= 0 {
      versions[row.family, default: []].append(row.major)
    }
    return versions.filter { $0.value.count >= 20 }.mapValues { majors in
      majors.sorted()[min(majors.count - 1, majors.count * 3 / 4)]
    }
  }
}
