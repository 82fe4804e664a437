internal import IncidentModel

/// People or machines: the sum of the families' log-odds, and what keeps an undecided part undecided (METHODS §7).
struct ExcessJudgement {
  let verdict: Composition.Part.Verdict
  let logOdds: Double
  let obstacle: Sentence?
  let tests: [Composition.Test]

  private let families: [(family: Composition.Family, weight: Double)]

  init(_ tests: [Composition.Test], isTooSmall: Bool = false) {
    self.tests = tests
    families = Composition.Family.allCases.map { family in
      (family, Self.weight(of: tests.filter { $0.family == family }))
    }
    logOdds = families.reduce(0) { $0 + $1.weight }
    let least = families.map(\.weight).min() ?? 0
    let most = families.map(\.weight).max() ?? 0
    let forMachines = families.count { $0.weight >= ExcessParameters.familySupport }
    let forPeople = families.count { $0.weight <= -ExcessParameters.familySupport }
    if isTooSmall {
      verdict = .cannotTell
    } else if logOdds >= ExcessParameters.machines, forMachines >= 2,
      least > -ExcessParameters.familyVeto
    {
      verdict = .machines
    } else if logOdds <= ExcessParameters.people, forPeople >= 2,
      most < ExcessParameters.familyVeto
    {
      verdict = .people
    } else {
      verdict = .cannotTell
    }
    obstacle =
      verdict != .cannotTell
      ? nil
      : isTooSmall
        ? "too few of its requests were sampled" : Self.obstacle(families, tests, logOdds)
  }

  /// Tests of one family depend on each other, so it is clipped; a decisive mark may count for more.
  private static func weight(of tests: [Composition.Test]) -> Double {
    let sum = tests.reduce(0) { $0 + $1.weight }
    let isDecided = tests.contains(where: \.isDecisive)
    let upper = isDecided ? ExcessParameters.decisiveLimit : ExcessParameters.familyLimit
    return min(upper, max(-ExcessParameters.familyLimit, sum))
  }

  /// The largest family that points the other way, else the missing field, else that the signs are weak.
  private static func obstacle(
    _ families: [(family: Composition.Family, weight: Double)], _ tests: [Composition.Test],
    _ sum: Double
  ) -> Sentence {
    let other = families.filter {
      $0.weight * (sum >= 0 ? 1 : -1) <= -ExcessParameters.familySupport
    }
    .max { abs($0.weight) < abs($1.weight) }
    if let other {
      return sum >= 0
        ? "it leans to machines, but \(words(other.family)) speaks for people"
        : "it leans to people, but \(words(other.family)) speaks for machines"
    }
    if let missing = tests.first(where: { $0.state == .missing }) {
      return "\(missing.saw), and the other signs are too weak"
    }
    if tests.contains(where: { $0.state == .void }) {
      return "the signs that are left are too weak"
    }
    return "the signs are too weak"
  }

  private static func words(_ family: Composition.Family) -> Sentence {
    switch family {
    case .origin: "where it comes from"
    case .pacing: "how its clients pace their requests"
    case .content: "what it asks for"
    case .identity: "which software it names"
    }
  }
}
