package import IncidentModel
internal import SystemPackage

/// Finds the files under the given PATHs; what they hold is decided later, by their content.
package enum ArchiveWalk {
  /// The inputs sorted by name, and what was left out and why.
  ///
  /// Neither the order of `paths` nor any file time has an influence. Real folders are read first and links after them, so that a file keeps its own name where a link leads to it too.
  package static func find(
    _ paths: [String], limits: InputLimits = InputLimits()
  ) throws(InputError) -> (inputs: [FoundInput], problems: [(InputName, InputProblem)]) {
    var walk = FolderWalk(limits: limits)
    var roots: [WalkRoot] = []
    for path in paths where path != "-" {
      roots.append(try WalkRoot(path))
    }
    roots.sort { ($0.real, $0.base) < ($1.real, $1.base) }
    for (index, root) in roots.enumerated() {
      try walk.enter(root, index: index)
    }
    try walk.followLinks()
    let prefixes = RootNames.distinct(roots: roots, inputs: walk.files)
    var inputs = walk.files.map { file in
      FoundInput(
        name: InputName(file: prefixes.name(file.root, file.relative)), path: file.path,
        size: file.size, identity: file.identity)
    }
    if paths.contains("-") { inputs.append(.standardInput) }
    tellApart(&inputs)
    let problems = walk.problems.map { problem in
      (InputName(file: prefixes.name(problem.root, problem.relative)), problem.problem)
    }
    return (
      inputs.sorted { $0.name < $1.name },
      problems.sorted { ($0.0, $0.1.kind.rawValue) < ($1.0, $1.1.kind.rawValue) }
    )
  }

  /// Names that are still equal, such as two spellings of one accented letter, get a number in the order of their bytes.
  private static func tellApart(_ inputs: inout [FoundInput]) {
    inputs.sort { Array($0.path.string.utf8).lexicographicallyPrecedes($1.path.string.utf8) }
    var seen: Set<String> = []
    for index in inputs.indices {
      let name = inputs[index].name.file
      var number = 2
      while !seen.insert(inputs[index].name.file).inserted {
        inputs[index].name.file = "\(name) (\(number))"
        number += 1
      }
    }
  }
}
