internal import ArchiveInput
internal import IncidentModel
internal import LogFormats

/// The inputs of a run in the order of their names: those to read, and those that are left out and why.
struct Manifest: Sendable {
  struct Entry: Sendable {
    /// The input's place in the report's list.
    var index: Int
    var input: FoundInput
  }

  private(set) var readable: [Entry] = []
  private(set) var skipped: [(index: Int, summary: InputSummary)] = []

  /// Numbers the inputs, and drops those whose whole content another one has.
  ///
  /// Counts cannot be subtracted later, so a copy must not be counted (METHODS §1): equal first 64 KiB, then equal hash of everything.
  init(
    found: (inputs: [FoundInput], problems: [(InputName, InputProblem)]), limits: InputLimits
  ) async {
    let names = found.problems.map(\.0).filter { name in
      !found.inputs.contains { $0.name == name }
    }
    let all = Array(Set(found.inputs.map(\.name) + names)).sorted()
    let index = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    let copies = await Self.copies(among: found.inputs, limits: limits)
    for input in found.inputs {
      guard let place = index[input.name] else { continue }
      if let original = copies[input.name], let first = index[original] {
        var summary = InputSummary(name: input.name)
        summary.bytes = input.size
        summary.duplicateOf = first
        summary.problems = [
          InputProblem(
            kind: .duplicate,
            detail:
              "it has the same content as \(log: LogText(original.file, kind: .file)) and was not counted again"
          )
        ]
        skipped.append((place, summary))
      } else {
        readable.append(Entry(index: place, input: input))
      }
    }
    for name in names {
      guard let place = index[name] else { continue }
      var summary = InputSummary(name: name)
      summary.problems = found.problems.filter { $0.0 == name }.map(\.1)
      skipped.append((place, summary))
    }
  }

  /// The inputs that repeat another one, with the name of the first of them.
  private static func copies(
    among inputs: [FoundInput], limits: InputLimits
  ) async -> [InputName: InputName] {
    var groups: [ContentID: [FoundInput]] = [:]
    for input in inputs {
      if let id = await contentID(of: input, limits: limits) {
        groups[id, default: []].append(input)
      }
    }
    var copies: [InputName: InputName] = [:]
    for group in groups.values where group.count > 1 {
      var originals: [String: InputName] = [:]
      for input in group.sorted(by: { $0.name < $1.name }) {
        guard let hash = await wholeContentHash(of: input, limits: limits) else { continue }
        if let original = originals[hash] {
          copies[input.name] = original
        } else {
          originals[hash] = input.name
        }
      }
    }
    return copies
  }
}

extension InputSummary {
  /// What the readers of a member know of it; the tally adds the counts.
  init(_ end: ReaderEnd, _ member: MemberEnd) {
    self.init(name: member.name)
    kind = end.format == nil ? .skipped : end.kind
    format = end.format
    lines = end.documentLines ?? 0
    container = member.container
    bytes = member.bytesOnDisk
    decompressedBytes = member.decompressedBytes
    sha256 = member.sha256
    truncatedAt = member.truncatedAt
    stamp = end.stampMeaning
    problems = member.problems + end.problems
  }
}
