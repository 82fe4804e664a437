internal import ArchiveInput
internal import IncidentModel

/// The beginning of a member, by which one that may be a copy is found.
struct ContentMark: Hashable {
  /// It is 64 · 2^level bytes long.
  var level: Int
  var hash: UInt64
}

/// Finds the members whose content another member holds, whole or as its beginning.
///
/// Counts cannot be subtracted later, so a copy must not be counted (METHODS §1). Beginnings that look alike are told from the surveys; what looks alike is hashed to its end, and the hashes decide.
struct CopySearch {
  /// What a member repeats.
  struct Copy: Hashable, Sendable {
    var original: InputName
    /// The copy's bytes, where it is only the beginning of the original.
    var beginning: Int?
  }

  private struct Member {
    var file: Int
    var name: InputName
    var sketch: ContentSketch
    var hashes: ContentHashes?

    /// Nil where it was not needed.
    var length: Int? { sketch.isWhole ? sketch.headBytes : hashes?.length }
    /// Hex SHA-256 of all of it; nil where it was not needed.
    var whole: String? { sketch.isWhole ? sketch.id.description : hashes?.whole }
  }

  /// Beginnings of one mark that are compared; more differ by chance only.
  private static let maxLengths = 256

  private let inputs: [FoundInput]
  private let limits: InputLimits
  private let threads: Int
  private var members: [Member] = []

  private init(_ surveys: [FileSurvey], limits: InputLimits, threads: Int) {
    inputs = surveys.map(\.input)
    self.limits = limits
    self.threads = threads
    for (file, survey) in surveys.enumerated() {
      // What is empty repeats nothing.
      for member in survey.members where member.sketch.headBytes > 0 {
        members.append(Member(file: file, name: member.name, sketch: member.sketch))
      }
    }
    members.sort { $0.name < $1.name }
  }

  /// The copies among the members of the surveyed files, by their names.
  static func copies(
    among surveys: [FileSurvey], limits: InputLimits, threads: Int
  ) async -> [InputName: Copy] {
    var search = CopySearch(surveys, limits: limits, threads: threads)
    let shorts = search.shortLengths()
    let groups = search.longGroups()
    var wanted = shorts
    for index in groups.joined() { wanted[index, default: []] += [] }
    await search.hash(wanted)
    var longer: [Int: [Int]] = [:]
    for group in groups {
      let lengths = Set(group.compactMap { search.members[$0].length })
      for index in group {
        let own = search.members[index].length ?? 0
        let shorter = lengths.filter { $0 < own }
        if !shorter.isEmpty { longer[index] = shorter.sorted() }
      }
    }
    await search.hash(longer)
    return search.decide()
  }

  /// Members longer than their heads with equal heads.
  private func longGroups() -> [[Int]] {
    let long = members.indices.filter { !members[$0].sketch.isWhole }
    return Dictionary(grouping: long) { members[$0].sketch.id }.values.filter { $0.count > 1 }
  }

  /// For each member the lengths of short members that may be its beginning.
  private func shortLengths() -> [Int: [Int]] {
    var lengths: [ContentMark: Set<Int>] = [:]
    for member in members where member.sketch.isWhole {
      guard let hash = member.sketch.marks.last else { continue }
      let mark = ContentMark(level: member.sketch.marks.count - 1, hash: hash)
      lengths[mark, default: []].insert(member.sketch.headBytes)
    }
    var wanted: [Int: [Int]] = [:]
    for (index, member) in members.enumerated() {
      for (level, hash) in member.sketch.marks.enumerated() {
        guard let found = lengths[ContentMark(level: level, hash: hash)] else { continue }
        let shorter = found.filter { $0 < member.sketch.headBytes }
        if !shorter.isEmpty {
          wanted[index, default: []] += shorter.sorted().prefix(Self.maxLengths)
        }
      }
    }
    return wanted
  }

  /// Reads the members again for the hashes of all of them and of their beginnings, each file once.
  private mutating func hash(_ wanted: [Int: [Int]]) async {
    var byFile: [Int: [InputName: [Int]]] = [:]
    var places: [InputName: Int] = [:]
    for (index, lengths) in wanted {
      byFile[members[index].file, default: [:]][members[index].name] = lengths
      places[members[index].name] = index
    }
    let (inputs, limits) = (inputs, limits)
    await forEach(byFile.sorted { $0.key < $1.key }, atOnce: threads) { file in
      await contentHashes(of: inputs[file.key], members: file.value, limits: limits)
    } collect: { found in
      for (name, hashes) in found {
        guard let index = places[name] else { continue }
        let known = members[index].hashes?.prefixes ?? [:]
        members[index].hashes = hashes
        members[index].hashes?.prefixes.merge(known) { new, _ in new }
      }
    }
  }

  private func decide() -> [InputName: Copy] {
    var firsts: [String: Int] = [:]
    for index in members.indices.reversed() {
      if let whole = members[index].whole { firsts[whole] = index }
    }
    /// For each beginning the longest member that has it.
    var longest: [String: Int] = [:]
    for (index, member) in members.enumerated() {
      for (length, hash) in member.hashes?.prefixes ?? [:] {
        guard let other = firsts[hash], members[other].length == length else { continue }
        let known = longest[hash].flatMap { members[$0].length } ?? 0
        if let own = member.length, own > length, own > known { longest[hash] = index }
      }
    }
    var copies: [InputName: Copy] = [:]
    for (index, member) in members.enumerated() {
      guard let whole = member.whole else { continue }
      if let longer = longest[whole] {
        copies[member.name] = Copy(original: members[longer].name, beginning: member.length)
      } else if let first = firsts[whole], first != index {
        copies[member.name] = Copy(original: members[first].name)
      }
    }
    return copies
  }
}
