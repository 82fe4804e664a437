package import IncidentModel

/// What a user settles once for many runs: the keys of a configuration file, or the same told by options.
///
/// What is nil or empty was not said. Lists keep their order; of two that fit, the first wins.
package struct Configuration: Hashable, Sendable {
  /// Formats by path pattern, first match first.
  package var logFormats: [ForcedFormat] = []
  /// The zone of stamps that carry none.
  package var inputTimeZone: ZoneOffsets?
  /// Inputs whose clocks are known to be wrong.
  package var clock: [ClockOffset] = []
  package var serviceBy: ServiceRule?
  /// Which services a capacity group carries.
  package var groups: [ConfiguredGroup] = []
  /// The objective in percent of requests that do not fail.
  package var slo: Double?
  /// Archives of ordinary days, as paths that can be opened.
  package var baseline: [String] = []
  /// Lists of known networks, as paths that can be opened.
  package var addressLists: [String] = []
  /// The ticket that a report is for, such as `github:OWNER/REPO#12`.
  ///
  /// Only a file that the user named may decide where a report is sent; an archive's own may not.
  package var ticket: String?
  /// Regular expressions that are masked too.
  package var redact: [String] = []

  package init() {}

  /// These settings, and from `other` what they leave open; lists are joined.
  package func completed(by other: Configuration) -> Configuration {
    var whole = self
    whole.logFormats += other.logFormats
    whole.inputTimeZone = inputTimeZone ?? other.inputTimeZone
    whole.clock += other.clock
    whole.serviceBy = serviceBy ?? other.serviceBy
    let named = Set(groups.map(\.group))
    whole.groups += other.groups.filter { !named.contains($0.group) }
    whole.slo = slo ?? other.slo
    whole.baseline += other.baseline
    whole.addressLists += other.addressLists
    whole.ticket = ticket ?? other.ticket
    whole.redact += other.redact
    return whole
  }

  /// The settings as options, for the report; neither patterns of secrets nor what `upper` overrides.
  func words(beneath upper: Configuration) -> [String] {
    var words = logFormats.map(\.option)
    if upper.inputTimeZone == nil, let inputTimeZone {
      words.append("--input-time-zone \(inputTimeZone.name)")
    }
    words += clock.map { "--clock \($0.pattern)=\($0.seconds)" }
    if upper.serviceBy == nil, let serviceBy { words.append("--service-by \(serviceBy.rawValue)") }
    words += groups.map { "group \($0.group) = \($0.services.joined(separator: ", "))" }
    if upper.slo == nil, let slo { words.append("--slo \(slo)") }
    if !baseline.isEmpty { words.append("baseline (\(baseline.count))") }
    if !addressLists.isEmpty { words.append("address-lists (\(addressLists.count))") }
    if !redact.isEmpty { words.append("--redact (\(redact.count) of your own)") }
    return words
  }
}

extension ForcedFormat {
  /// The option that says the same, ready for the report's last line.
  package var option: String {
    let value = (pattern.map { $0 + "=" } ?? "") + format
    return "--log-format " + (value.contains(where: \.isWhitespace) ? "'\(value)'" : value)
  }
}

extension ReadingOptions {
  /// The name of the file in which an archive may bring its own settings.
  package static let ownFileName = "floodmark.yaml"

  /// Takes over what concerns the reading.
  package mutating func take(_ settings: Configuration) {
    configuration = settings
    forcedFormats = settings.logFormats
    inputZone = settings.inputTimeZone ?? .utc
    clockOffsets = settings.clock
    serviceRule = settings.serviceBy ?? .host
    baselines = settings.baseline
  }
}

extension ReportRun.Options {
  /// Takes over all that a report needs of the settings.
  package mutating func take(_ settings: Configuration) {
    reading.take(settings)
    analysis.objective = (settings.slo ?? 99.9) / 100
    analysis.objectiveIsGiven = settings.slo != nil
    analysis.groups = settings.groups
    patterns = settings.redact
    addressLists = settings.addressLists
  }

  /// Takes the settings of a file and says so among the report's options; `naming` is how the file was named.
  ///
  /// What was settled before stays.
  package mutating func complete(by file: Configuration, naming name: String) {
    let words = file.words(beneath: reading.configuration)
    analysis.given.append(words.isEmpty ? name : "\(name) (\(words.joined(separator: " ")))")
    take(reading.configuration.completed(by: file))
  }

  /// The options with what the only folder among the PATHs settles itself.
  func withOwnFile() throws(RunError) -> ReportRun.Options {
    guard reading.readsOwnFile, let own = try ConfigurationFile.own(of: reading.paths) else {
      return self
    }
    var options = self
    options.complete(by: own, naming: "\(ReadingOptions.ownFileName) of the folder")
    return options
  }
}
