internal import IncidentModel

/// Which service a name on a line means: its own, its group's, or one that shares their words (METHODS §8, place).
struct ServicePlaces: Sendable {
  enum Place: Hashable, Sendable {
    /// The line names nothing, or nothing by which services can be told.
    case unknown
    /// One or several of the services that the logs hold.
    case services(Set<String>)
    /// Something of which these logs hold no request.
    case elsewhere
  }

  private struct Known {
    var service: String
    var names: [String]
    var tokens: [Set<String>]
  }

  private let known: [Known]
  /// The access logs name no service at all.
  private let isNameless: Bool

  /// What access logs without a name of the service are filed under.
  static let nameless: Set<String> = ["default", "other", ""]

  /// Of services, each with the groups that carry it.
  init(_ services: [(name: String, groups: [String])]) {
    known = services.map { service in
      let names =
        (Self.nameless.contains(service.name) ? [] : [service.name]) + service.groups
      return Known(service: service.name, names: names, tokens: names.map(GroupMapping.tokens))
    }
    isNameless = services.allSatisfy { Self.nameless.contains($0.name) }
  }

  func place(of name: String?) -> Place {
    guard let name, !name.isEmpty else { return .unknown }
    let folded = name.lowercased()
    let exact = known.filter { $0.names.contains { $0.lowercased() == folded } }
    if !exact.isEmpty { return .services(Set(exact.map(\.service))) }
    let words = GroupMapping.tokens(name)
    let scored = known.map { place in
      (place.service, place.tokens.map { GroupMapping.likeness(words, $0) }.max() ?? 0)
    }
    let best = scored.map(\.1).max() ?? 0
    if best >= GroupMapping.least {
      return .services(Set(scored.filter { $0.1 == best }.map(\.0)))
    }
    return isNameless || words.isEmpty ? .unknown : .elsewhere
  }
}
