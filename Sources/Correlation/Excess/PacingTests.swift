internal import IncidentModel

/// How single clients of the excess pace their requests: of the clients that were followed.
enum PacingTests {
  static let all = [stay, evenLoad, evenPauses, timers, fast]

  static let stay = ExcessTest(
    name: "pacing.stay", family: .pacing, needs: [.address],
    weights: [.init(name: "long", value: 1), .init(name: "short", value: -1)],
    isVoidWhereShared: true
  ) { part, weight in
    guard let stay = part.trails?.stay else { return nil }
    // By odds: a share cannot be three times a usual one of four tenths.
    let isLong = stay.now >= 0.5 && odds(stay.now) >= ExcessParameters.stayOdds * odds(stay.usual)
    let isShort = stay.now <= max(0.15, 1.5 * stay.usual)
    return ExcessTest.Sight(
      weight: isLong ? weight(0) : isShort ? weight(1) : 0,
      saw:
        "new clients stay for \(share: min(1, stay.now)) of the time that is left, usually for \(share: stay.usual)"
    )
  }

  private static func odds(_ share: Double) -> Double { share / max(1e-6, 1 - share) }

  static let evenLoad = ExcessTest(
    name: "pacing.even_load", family: .pacing, needs: [.address],
    weights: [.init(name: "even", value: 1), .init(name: "uneven", value: -0.5)],
    isVoidWhereShared: true
  ) { part, weight in
    guard let load = part.trails?.load else { return nil }
    let isEven = load.mean >= 12 && load.spread <= 1.6 || load.mean >= 30 && load.spread <= 2.2
    return ExcessTest.Sight(
      weight: isEven ? weight(0) : load.spread >= 2.5 ? weight(1) : 0,
      saw:
        "its clients ask \(count: Int(load.mean.rounded())) times on average, the upper quarter \(factor: load.spread) as often as the lower"
    )
  }

  /// Machines that shake their pauses still keep nearer to a clock than chance does; people's pauses are more uneven than chance.
  static let evenPauses = ExcessTest(
    name: "pacing.even_pauses", family: .pacing, needs: [.address],
    weights: [.init(name: "even", value: 1)], isVoidWhereShared: true
  ) { part, weight in
    guard let variation = part.trails?.variation else { return nil }
    let isEven =
      variation.now <= ExcessParameters.evenPauses && variation.now <= 0.5 * variation.usual
    return ExcessTest.Sight(
      weight: isEven ? weight(0) : 0,
      saw:
        "the pauses of its clients vary \(factor: variation.now) as much as by chance, usually \(factor: variation.usual)"
    )
  }

  static let timers = ExcessTest(
    name: "pacing.timers", family: .pacing, needs: [.address],
    weights: [.init(name: "regular", value: 3)]
  ) { part, weight in
    guard let share = part.trails?.timers else { return nil }
    return ExcessTest.Sight(
      weight: share >= 0.3 ? weight(0) : 0, isDecisive: true,
      saw: "\(share: min(1, max(0, share))) comes from clients that ask by a timer")
  }

  static let fast = ExcessTest(
    name: "pacing.fast", family: .pacing, needs: [.address],
    weights: [.init(name: "fast", value: 1)], isVoidWhereShared: true
  ) { part, weight in
    guard let share = part.trails?.fast else { return nil }
    return ExcessTest.Sight(
      weight: share > 0.5 ? weight(0) : 0,
      saw:
        "\(share: min(1, max(0, share))) comes from clients with more than 60 requests a minute")
  }
}
