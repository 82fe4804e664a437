internal import IncidentModel

/// One test of people or machines (METHODS §7): what it looks at, what it needs and how much it may weigh.
struct ExcessTest: Sendable {
  /// A field of the log without which a test says nothing.
  enum Field: Sendable {
    case address, agent, referrer

    var sentence: Sentence {
      switch self {
      case .address: "the addresses of the clients in the access log"
      case .agent: "the software that clients name (User-Agent) in the access log"
      case .referrer: "the referring page (Referer) in the access log"
      }
    }
  }

  /// One of the weights that a test may give, under the name by which the appendix shows it.
  struct Weight: Sendable {
    var name: String
    var value: Double
  }

  /// What a test saw; a weight of 0 where that lies between its bounds.
  struct Sight {
    var weight: Double
    var isDecisive = false
    var saw: Sentence
  }

  var name: String
  var family: Composition.Family
  var needs: [Field] = []
  var weights: [Weight]
  /// Says nothing where many people stand behind an address.
  var isVoidWhereShared = false
  /// Says nothing of a part that was made by what it looks at.
  var isVoidByAgent = false
  var isVoidByNetwork = false
  /// nil: too few requests.
  var look: @Sendable (ExcessPart, (Int) -> Double) -> Sight?

  func examine(_ part: ExcessPart) -> Composition.Test {
    func told(_ state: Composition.Test.State, _ saw: Sentence) -> Composition.Test {
      Composition.Test(name: name, family: family, state: state, weight: 0, saw: saw)
    }
    for field in needs where !part.sample.has(field) {
      if field == .address, part.sample.isBehindProxy {
        return told(.missing, "the log has too few addresses to be those of clients")
      }
      return told(.missing, "the log lacks \(field.sentence)")
    }
    if isVoidWhereShared, part.isShared {
      return told(.void, "many people stand behind each address")
    }
    let selection = part.selection
    if isVoidByAgent && selection.isByAgent || isVoidByNetwork && selection.isByNetwork {
      return told(.void, "the part was chosen by it")
    }
    guard let sight = look(part, { weights[$0].value }) else {
      return told(.missing, "too few requests were sampled")
    }
    return Composition.Test(
      name: name, family: family, state: sight.weight == 0 ? .silent : .weighed,
      weight: sight.weight, isDecisive: sight.isDecisive && sight.weight != 0, saw: sight.saw)
  }
}

extension ExcessSample {
  func has(_ field: ExcessTest.Field) -> Bool {
    switch field {
    case .address: hasAddresses
    case .agent: hasAgents
    case .referrer: hasReferrers
    }
  }
}

/// All tests, in the order in which a report shows them.
enum ExcessTests {
  static let all = OriginTests.all + PacingTests.all + ContentTests.all + IdentityTests.all
}
