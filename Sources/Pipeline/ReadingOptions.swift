internal import ArchiveInput
package import IncidentModel
internal import SystemPackage

/// The options that decide what is read and how it is taken, before any analysis.
package struct ReadingOptions: Sendable {
  /// Files, folders, archives, or `-` for standard input.
  package var paths: [String] = []
  /// Earlier archives, that tell what is normal and nothing else.
  package var baselines: [String] = []
  /// Formats that the user named, first match first.
  package var forcedFormats: [ForcedFormat] = []
  /// The zone of stamps that carry none.
  package var inputZone = ZoneOffsets.utc
  /// Seconds by which an input's clock is ahead, by the file's name or the end of its path.
  package var clockOffsets: [ClockOffset] = []
  package var serviceRule = ServiceRule.host
  /// Members that are read at the same time.
  package var threads = 2
  /// How many bytes one byte on disk may become.
  package var maximumExpansion: Int?
  /// What the command line and the configuration file settled, of which the options above are made.
  package var configuration = Configuration()
  /// The configuration file that the user named: no input, even if it stands under a PATH.
  package var configurationFile: String?
  /// A folder that is the only PATH may bring its own `floodmark.yaml`.
  package var readsOwnFile = true
  /// The version of the tool, which a tally carries.
  package var version = ""
  /// A folder for the tallies of single files, so that what did not change need not be read again.
  package var cache: String?
  /// Put before the names of files in a tally, or the name of standard input.
  package var tallyName: String?

  package init() {}

  /// What is to be read: neither configuration file is an input, and tallies are told apart.
  func found() throws -> FoundPaths {
    for path in baselines where TallyFile.isTally(FilePath(path)) {
      throw RunError.tally(.asBaseline(path: path))
    }
    var direct: [FilePath] = []
    var others: [String] = []
    for path in paths {
      if path != "-", TallyFile.isTally(FilePath(path)) {
        direct.append(FilePath(path))
      } else {
        others.append(path)
      }
    }
    var found = try ArchiveWalk.find(others + baselines, limits: limits)
    let own = ConfigurationFile.ownPath(of: paths)
    let settings = [configurationFile, own].compactMap(\.self).map {
      ConfigurationFile.realPath($0)
    }
    found.inputs.removeAll { settings.contains(ConfigurationFile.realPath($0.path.string)) }
    let inFolders = found.inputs.filter { !$0.isStandardInput && TallyFile.isTally($0.path) }
    let names = Set(inFolders.map(\.name))
    found.inputs.removeAll { names.contains($0.name) }
    // Beside the logs of another host's folder their names would be the same.
    if let tallyName {
      for index in found.inputs.indices { found.inputs[index].name.prefix(with: tallyName) }
      for index in found.problems.indices { found.problems[index].0.prefix(with: tallyName) }
    }
    return FoundPaths(
      inputs: found.inputs, problems: found.problems, tallies: direct + inFolders.map(\.path),
      foundTallies: inFolders)
  }

  /// The bounds of reading, with the user's own where given.
  var limits: InputLimits {
    var limits = InputLimits()
    if let maximumExpansion { limits.maxExpansionRatio = maximumExpansion }
    return limits
  }
}

extension InputName {
  /// Puts a folder's name in front; standard input has no name of its own and takes it whole.
  fileprivate mutating func prefix(with name: String) {
    file = self == FoundInput.standardInput.name ? name : "\(name)/\(file)"
  }
}

/// What the PATHs of a run led to.
struct FoundPaths {
  var inputs: [FoundInput]
  /// What was left out, and why.
  var problems: [(InputName, InputProblem)]
  var tallies: [FilePath] = []
  /// Those of them that stand in folders.
  var foundTallies: [FoundInput] = []
}

/// What names a request's service (DESIGN §4).
package enum ServiceRule: String, CaseIterable, Sendable {
  /// The line's own virtual host, load balancer or ingress upstream.
  case host
  /// The input's name.
  case member
  /// All requests are one service.
  case none
}

/// A format for the inputs whose name matches a pattern; without a pattern for all.
package struct ForcedFormat: Hashable, Sendable {
  /// A shell pattern over the name as the report shows it, such as `access/*.gz`.
  package var pattern: String?
  package var format: String
  /// What the report calls it; nil: by the format itself.
  package var name: String?

  package init(pattern: String?, format: String, name: String? = nil) {
    self.pattern = pattern
    self.format = format
    self.name = name
  }

  /// `[PATTERN=]NAME|STRING`; nil where one of them is empty.
  ///
  /// Strings may hold `=` themselves: what stands before one is a pattern only if it looks like a path.
  package init?(option: String) {
    guard !option.isEmpty else { return nil }
    self.init(pattern: nil, format: option)
    guard let split = Self.split(of: option) else { return }
    pattern = String(option[..<split])
    format = String(option[option.index(after: split)...])
    if format.isEmpty || pattern?.isEmpty == true { return nil }
  }

  private static func split(of option: String) -> String.Index? {
    if let last = option.lastIndex(of: "="), isPath(option[..<last]),
      option[last...].dropFirst().allSatisfy({
        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
      })
    {
      return last
    }
    guard let first = option.firstIndex(of: "="), isPath(option[..<first]) else { return nil }
    // `time=$time_iso8601 …` is a string, `access/*=$remote_addr …` has a pattern.
    let isTelling = option[..<first].contains { "*?[./".contains($0) }
    let isString = option[first...].contains { "$%".contains($0) }
    return isTelling || !isString ? first : nil
  }

  private static func isPath(_ text: Substring) -> Bool {
    !text.contains { $0.isWhitespace || "$%\"'{".contains($0) }
      && !["nginx:", "apache:", "haproxy:", "envoy:"].contains { text.hasPrefix($0) }
  }
}

/// An input whose clock the user knows to be wrong.
package struct ClockOffset: Hashable, Sendable {
  /// More than a year is a slip of the pen.
  package static let mostSeconds = 400.0 * 86_400

  /// A shell pattern over the input's name.
  package var pattern: String
  /// How far its clock is ahead of the true time, in seconds.
  package var seconds: Double

  package init(pattern: String, seconds: Double) {
    self.pattern = pattern
    self.seconds = seconds
  }
}
