internal import IncidentModel

/// Where the excess comes from.
enum OriginTests {
  static let all = [novelty, concentration, givenRange]

  /// Requests from networks that the hour before lacks, beyond as many as any hour lacks of the one before it.
  static let novelty = ExcessTest(
    name: "origin.novelty", family: .origin, needs: [.address],
    weights: [.init(name: "new", value: 0.3), .init(name: "known", value: -0.3)],
    isVoidByNetwork: true
  ) { part, weight in
    let known = Set(part.reference.map(\.place))
    guard part.excess > 0 else { return nil }
    guard PairCounts(part.reference, by: \.place).effective >= ExcessParameters.leastNetworks
    else {
      return ExcessTest.Sight(
        weight: 0, saw: "the usual networks are too few to tell a new one from a known one")
    }
    let new = part.during.reduce(0) { known.contains($1.place) ? $0 : $0 + $1.weight }
    let share = min(1, max(0, (new - part.sample.width.novelty * part.total) / part.excess))
    return ExcessTest.Sight(
      weight: share >= 0.6 ? weight(0) : share <= 0.15 ? weight(1) : 0,
      saw: share > 0
        ? "\(share: share) comes from networks that were not seen in the hour before"
        : "none of it comes from networks that were not seen in the hour before")
  }

  static let concentration = ExcessTest(
    name: "origin.networks", family: .origin, needs: [.address],
    weights: [.init(name: "few", value: 1), .init(name: "many", value: -0.3)],
    isVoidWhereShared: true, isVoidByNetwork: true
  ) { part, weight in
    guard let networks = part.effective(by: \.place),
      networks.usual >= ExcessParameters.leastNetworks
    else { return nil }
    let ratio = networks.excess / networks.usual
    let isFew = ratio <= 0.2 && networks.excess <= 20
    if networks.excess > 100_000 {
      return ExcessTest.Sight(
        weight: weight(1), saw: "hardly two requests come from the same network")
    }
    return ExcessTest.Sight(
      weight: isFew ? weight(0) : ratio >= 0.5 ? weight(1) : 0,
      saw:
        "its networks spread like \(count: Int(networks.excess.rounded())) of equal size, usually \(count: Int(min(1e9, networks.usual).rounded()))"
    )
  }

  /// Ranges that the user gave, but those of people (an office, a carrier) and those of which only the owner is known.
  static let givenRange = ExcessTest(
    name: "origin.given_range", family: .origin, needs: [.address],
    weights: [.init(name: "inside", value: 2)]
  ) { part, weight in
    let owners = part.sample.names.addresses.owners
    guard owners.contains(where: \.isSign) else {
      return ExcessTest.Sight(weight: 0, saw: "no list of networks of machines was given")
    }
    guard
      let shares = part.shares(of: { row in
        row.owner >= 0 && owners[Int(row.owner)].isSign
      })
    else { return nil }
    return ExcessTest.Sight(
      weight: shares.excess >= 0.5 && shares.excess >= shares.usual + 0.2 ? weight(0) : 0,
      saw:
        "\(share: shares.excess) comes from networks in the lists that were given, usually \(share: shares.usual)"
    )
  }
}
