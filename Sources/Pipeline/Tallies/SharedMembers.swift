internal import ArchiveInput
internal import IncidentModel
internal import SystemPackage
internal import TrafficTally

/// Looks for members that two tallies hold both, or a tally and what is read beside it.
///
/// Counts cannot be subtracted, and a tally has no bytes left by which a likely copy could be told from a sure one. So what may be a copy stops the run (METHODS §1): members whose first 64 KiB
/// are the same, and a shorter one with whose first bytes, 1 KiB or more and over half of it, another begins. What is shorter still and no whole copy is not seen.
struct SharedMembers {
  /// Beginnings of under 1 KiB are alike in many files: a header, a licence.
  private static let leastLevel = 4

  private struct Holder {
    /// Nil for what is read beside the tallies.
    var path: String?
    var name: InputName
  }

  private var names: [InputName: String?] = [:]
  private var digests: [[UInt8]: Holder] = [:]
  /// By the marks of every member, and by the last mark of members that their digest covers whole.
  private var marks: [ContentMark: Holder] = [:]
  private var lastMarks: [ContentMark: Holder] = [:]

  /// Checks the tallies against each other.
  init(_ tallies: [TallyFile]) throws(TallyProblem) {
    for tally in tallies { try add(tally.inputs, of: tally.path.string) }
  }

  /// Takes what one tally holds, or what is read beside the tallies, and checks it against what was taken before.
  mutating func add(_ inputs: [TallyInput], of path: String?) throws(TallyProblem) {
    for input in inputs {
      if let beginning = input.beginning, beginning.length > 0 {
        try check(beginning, input.summary.name, path)
      }
    }
    for input in inputs {
      if let other = names[input.summary.name] {
        throw .sameName(
          path: path ?? other ?? "", name: input.summary.name.joined,
          other: path == nil ? nil : other)
      }
    }
    for input in inputs {
      names[input.summary.name] = .some(path)
      guard let beginning = input.beginning, beginning.length > 0 else { continue }
      let holder = Holder(path: path, name: input.summary.name)
      digests[beginning.digest] = holder
      for mark in Self.marks(of: beginning) { marks[mark] = holder }
      if let last = Self.lastMark(of: beginning) { lastMarks[last] = holder }
    }
  }

  private func check(
    _ beginning: MemberBeginning, _ name: InputName, _ path: String?
  ) throws(TallyProblem) {
    var found = digests[beginning.digest]
    if found == nil, let last = Self.lastMark(of: beginning) { found = marks[last] }
    if found == nil {
      found = Self.marks(of: beginning).lazy.compactMap { lastMarks[$0] }.first
    }
    guard let found else { return }
    if let path {
      throw .sharedMember(
        path: path, member: name.joined, other: found.path, otherMember: found.name.joined)
    }
    throw .sharedMember(
      path: found.path ?? "", member: found.name.joined, other: nil, otherMember: name.joined)
  }

  private static func marks(of beginning: MemberBeginning) -> [ContentMark] {
    beginning.marks.enumerated().dropFirst(leastLevel).map { ContentMark(level: $0, hash: $1) }
  }

  private static func lastMark(of beginning: MemberBeginning) -> ContentMark? {
    beginning.length < ContentID.prefixBytes ? marks(of: beginning).last : nil
  }
}

extension MemberBeginning {
  init(_ sketch: ContentSketch) {
    self.init(digest: sketch.id.bytes, length: sketch.headBytes, marks: sketch.marks)
  }
}
