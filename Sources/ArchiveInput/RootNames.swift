/// How much of its own way each PATH puts in front of the names under it: nothing, unless two PATHs hold the same name.
struct RootNames {
  private var prefixes: [String]

  func name(_ root: Int, _ relative: String) -> String {
    if prefixes[root].isEmpty { return relative }
    return relative.isEmpty ? prefixes[root] : "\(prefixes[root])/\(relative)"
  }

  /// Lengthens the prefixes of PATHs that clash, one folder at a time from the innermost, until none do.
  static func distinct(roots: [WalkRoot], inputs: [FolderWalk.File]) -> RootNames {
    var lengths = roots.map { _ in 0 }
    while true {
      let names = RootNames(
        prefixes: zip(roots, lengths).map { root, length in
          root.folders.suffix(length).joined(separator: "/")
        })
      let rootsOfName = Dictionary(grouping: inputs) { names.name($0.root, $0.relative) }
        .mapValues { Set($0.map(\.root)) }
      let clashing = rootsOfName.values.filter { $0.count > 1 }.reduce(into: Set<Int>()) {
        $0.formUnion($1)
      }
      let extendable = clashing.filter { lengths[$0] < roots[$0].folders.count }
      if extendable.isEmpty { return names }
      for root in extendable { lengths[root] += 1 }
    }
  }
}
