internal import ArchiveInput
internal import IncidentModel

/// The files that were given for their normal alone (`--baseline`).
///
/// A file that a PATH and a baseline both lead to is baseline: a folder of earlier logs often lies in the archive's own.
struct BaselineInputs: Sendable {
  private var identities: Set<FoundInput.FileIdentity> = []

  init() {}

  init(_ paths: [String], limits: InputLimits) throws {
    guard !paths.isEmpty else { return }
    identities = Set(try ArchiveWalk.find(paths, limits: limits).inputs.compactMap(\.identity))
  }

  func holds(_ input: FoundInput) -> Bool { input.identity.map(identities.contains) ?? false }
}

/// The baseline among the files of a manifest.
struct BaselineFiles: Sendable {
  /// The names of all baseline files, those that were not opened because of what they repeat among them.
  var names: Set<String> = []
  /// Members of baseline files that stand in for an equal one that is no baseline: their requests are to be reported on.
  var originals: Set<InputName> = []
  /// Files of which all that is read stands in for such a one.
  var promoted: Set<String> = []

  /// Whether a file is read after those that are reported on.
  func holds(_ file: Manifest.File) -> Bool {
    names.contains(file.input.name.file) && !promoted.contains(file.input.name.file)
  }
}

/// Where the baseline ends for the members of one file; without an end it is none.
struct Earlier: Sendable {
  private var end: Instant?
  private var originals: Set<InputName> = []

  init() {}

  init(end: Instant, unless originals: Set<InputName>) {
    self.end = end
    self.originals = originals
  }

  func end(of name: InputName) -> Instant? { originals.contains(name) ? nil : end }
}

extension Manifest {
  /// Which files are baseline; what such a file holds and one that is none holds too is none.
  func baseline(of earlier: BaselineInputs, among inputs: [FoundInput]) -> BaselineFiles {
    var result = BaselineFiles()
    result.names = Set(inputs.filter { earlier.holds($0) }.map(\.name.file))
    guard !result.names.isEmpty else { return result }
    var byNumber: [Int: InputName] = [:]
    for file in files {
      for (name, number) in file.numbers where byNumber[number] == nil || name.member != nil {
        byNumber[number] = name
      }
    }
    for (_, summary) in skipped where !result.names.contains(summary.name.file) {
      guard let original = summary.duplicateOf.flatMap({ byNumber[$0] }),
        result.names.contains(original.file)
      else { continue }
      result.originals.insert(original)
      let file = files.first { $0.input.name.file == original.file }
      let members = Set((file?.numbers ?? [:]).keys.filter { $0.member != nil })
      if members.isSubset(of: result.originals) { result.promoted.insert(original.file) }
    }
    return result
  }
}
