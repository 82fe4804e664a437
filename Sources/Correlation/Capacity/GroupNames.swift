internal import IncidentModel

/// Which names stand for one group: what a platform or a scaler calls the thing that it makes for a group.
///
/// A name gives way only to one that the logs hold, too, of the same namespace. Two names are not taken for one where the sizes that they tell follow each other like those of two groups.
struct GroupNames {
  /// What another name is of a group, and why it is taken for that.
  struct Alias: Hashable, Sendable {
    var name: String
    var group: String
    var reason: Sentence
  }

  private enum Bond {
    /// The platform alone gives such names.
    case made
    /// People use to give such names: the sizes must not speak against it.
    case custom
    /// Alike but for a namespace that one side does not tell: the sizes must speak for it.
    case alike
  }

  /// In the order of the names.
  private(set) var aliases: [Alias] = []

  /// - Complexity: O(names² + events), of at most ``GroupStories/limit`` names.
  init(_ events: [CapacityEvent], configured: [ConfiguredGroup] = []) {
    var grouped: [String: [CapacityEvent]] = [:]
    for event in events where GroupStories.isMachine(event) {
      if let name = event.group { grouped[name, default: []].append(event) }
    }
    let names = grouped.keys.sorted().prefix(GroupStories.limit)
    let fixed = Set(configured.map(\.group))
    for name in names where !fixed.contains(name) {
      let bonds = names.compactMap { group in
        name == group ? nil : Self.bond(name, group).map { (group: group, bond: $0) }
      }
      // What may be of two groups is of none.
      guard bonds.count == 1,
        let (group, (bond, reason)) = bonds.first.map({ ($0.group, $0.bond) }),
        Self.fit(grouped[name] ?? [], grouped[group] ?? [], bond)
      else { continue }
      aliases.append(Alias(name: name, group: group, reason: reason))
    }
    // `keda-hpa-web` of `shop/web` of which `web` is another name.
    for index in aliases.indices {
      let next = aliases.first { $0.name == aliases[index].group }?.group
      if let next, next != aliases[index].name { aliases[index].group = next }
    }
  }

  /// The events under the names of their groups.
  func applied(to events: [CapacityEvent]) -> [CapacityEvent] {
    guard !aliases.isEmpty else { return events }
    let groups = Dictionary(
      aliases.map { ($0.name, $0.group) }, uniquingKeysWith: { first, _ in first })
    return events.map { event in
      guard let name = event.group, let group = groups[name] else { return event }
      var event = event
      event.group = group
      return event
    }
  }

  /// Which other names were taken for a group's, each as a clause.
  func told(of group: String) -> [Sentence] {
    aliases.filter { $0.group == group }.prefix(3).map { alias in
      "\(log: LogText(alias.name, kind: .name)) is taken for the same group, because "
        + alias.reason
    }
  }

  // MARK: Names

  private static func bond(_ name: String, _ group: String) -> (Bond, Sentence)? {
    let (left, right) = (parts(name), parts(group))
    if let space = left.space, let other = right.space, space != other { return nil }
    if left.own == right.own {
      guard left.space == nil, right.space != nil else { return nil }
      return (.alike, "the names are alike and the sizes follow each other")
    }
    if left.own == "keda-hpa-" + right.own {
      return (.made, "KEDA names the autoscaler of a workload so")
    }
    let roles = ["hpa", "autoscaler", "scaledobject"]
    if roles.contains(where: {
      left.own == right.own + "-" + $0 || left.own == $0 + "-" + right.own
    }) {
      return (.custom, "autoscalers are named so after their workloads")
    }
    // Groups of machines, which have no namespace.
    guard left.space == nil, right.space == nil else { return nil }
    if let pool = between("eks-", left.own, isTail: isUUID), pool == right.own {
      return (.made, "EKS names the group of a node group so")
    }
    if let pool = between("aks-", left.own, isTail: isScaleSet), pool == right.own {
      return (.made, "AKS names the scale set of a node pool so")
    }
    if let pool = between("gke-", left.own, isTail: isInstanceGroup),
      pool.hasSuffix("-" + right.own)
    {
      return (.made, "GKE names the instance group of a node pool so")
    }
    return nil
  }

  private static func parts(_ name: String) -> (space: Substring?, own: String) {
    guard let slash = name.lastIndex(of: "/") else { return (nil, name) }
    return (name[..<slash], String(name[name.index(after: slash)...]))
  }

  /// What stands between a beginning and an end that is as it should be.
  private static func between(
    _ lead: String, _ name: String, isTail: ([Substring]) -> Int?
  ) -> String? {
    guard name.hasPrefix(lead) else { return nil }
    let words = name.dropFirst(lead.utf8.count)
      .split(separator: "-", omittingEmptySubsequences: false)
    guard let count = isTail(words), count < words.count else { return nil }
    return words.dropLast(count).joined(separator: "-")
  }

  private static func isHex(_ word: Substring, _ count: Int) -> Bool {
    word.utf8.count == count
      && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isUUID(_ words: [Substring]) -> Int? {
    let tail = words.suffix(5)
    return tail.count == 5 && zip(tail, [8, 4, 4, 4, 12]).allSatisfy { isHex($0, $1) } ? 5 : nil
  }

  private static func isScaleSet(_ words: [Substring]) -> Int? {
    words.count > 2 && words.last == "vmss" && words[words.count - 2].utf8.count == 8
      && words[words.count - 2].utf8.allSatisfy { (0x30...0x39).contains($0) } ? 2 : nil
  }

  private static func isInstanceGroup(_ words: [Substring]) -> Int? {
    words.count > 2 && words.last == "grp" && isHex(words[words.count - 2], 8) ? 2 : nil
  }

  // MARK: Sizes

  /// Whether what the two tell of their sizes is that of one group: where one speaks after the other, its size was or becomes the other's.
  private static func fit(_ left: [CapacityEvent], _ right: [CapacityEvent], _ bond: Bond) -> Bool {
    let told =
      (left.compactMap { sizes($0, isLeft: true) } + right.compactMap { sizes($0, isLeft: false) })
      .sorted { $0.time < $1.time }
    var seen = 0
    var breaks = 0
    for (one, next) in zip(told, told.dropFirst()) where one.isLeft != next.isLeft {
      seen += 1
      let slack = max(1, one.size / 10)
      if !next.sizes.contains(where: { abs($0 - one.size) <= slack }) { breaks += 1 }
    }
    return switch bond {
    case .made, .custom: breaks < 2 || breaks * 2 <= seen
    case .alike: seen >= 2 && breaks == 0
    }
  }

  private static func sizes(
    _ event: CapacityEvent, isLeft: Bool
  ) -> (time: Instant, isLeft: Bool, size: Int, sizes: [Int])? {
    // A document of the day tells no moment.
    guard event.precisionSeconds < 86_400 else { return nil }
    let found: (Int?, Int?)
    switch event.kind {
    case .scaleOutDecided(let from, let to), .scaleInDecided(let from, let to): found = (from, to)
    case .observed(let desired, let ready, _): found = (ready, desired)
    case .configChanged(_, _, let desired): found = (nil, desired)
    default: return nil
    }
    let sizes = [found.0, found.1].compactMap { $0 }.map { max(0, min($0, 1_000_000)) }
    return sizes.last.map { (event.time, isLeft, $0, sizes) }
  }
}
