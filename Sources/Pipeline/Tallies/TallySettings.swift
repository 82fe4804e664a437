internal import ArchiveInput
internal import IncidentModel
internal import SystemPackage
internal import TrafficTally

/// The settings that shape a tally, as its file carries them: each as the words that a report would list, nothing for the default.
struct TallySettings: Hashable, Sendable {
  static let zone = "--input-time-zone"
  static let clock = "--clock"
  static let service = "--service-by"
  static let format = "--log-format"
  static let expansion = "--max-expansion"
  /// No options: they are as the version that made the tally has them.
  static let version = "version"
  static let budgets = "budgets"

  var list: [TallySetting]

  init(_ list: [TallySetting]) { self.list = list }

  /// Of a run's own options.
  init(_ options: ReadingOptions) {
    let isOrdinary = options.inputZone == .utc
    let standard = InputLimits().maxExpansionRatio
    let ratio = options.limits.maxExpansionRatio
    let names = options.forcedFormats.map { $0.option + ($0.name.map { " as \($0)" } ?? "") }
    list = [
      .init(name: Self.zone, value: isOrdinary ? "" : "\(Self.zone) \(options.inputZone.name)"),
      .init(
        name: Self.clock,
        value: options.clockOffsets.map { "\(Self.clock) \($0.pattern)=\($0.seconds)" }
          .joined(separator: "\n")),
      .init(
        name: Self.service,
        value: options.serviceRule == .host
          ? "" : "\(Self.service) \(options.serviceRule.rawValue)"),
      .init(name: Self.format, value: names.joined(separator: "\n")),
      .init(name: Self.expansion, value: ratio == standard ? "" : "\(Self.expansion) \(ratio)"),
      .init(name: Self.version, value: options.version),
      .init(name: Self.budgets, value: Self.words(TallyBudgets())),
    ]
  }

  private static func words(_ budgets: TallyBudgets) -> String {
    let numbers = [
      budgets.seriesBytes, budgets.latencyEntries, budgets.sampleBytes, budgets.sampleSize,
      budgets.sampleTexts, budgets.exemplarBytes, budgets.clientBytes, budgets.trailBytes,
      budgets.trailTextBytes, budgets.backendEntries, budgets.inputMinutes,
      budgets.rejectMinutes, budgets.events,
    ]
    return numbers.map(String.init).joined(separator: " ")
  }

  /// The value under a name; nil where the list has none.
  subscript(_ name: String) -> String? { list.first { $0.name == name }?.value }

  /// The name of the first setting in which two lists differ.
  func difference(from other: TallySettings) -> String? {
    let names = list.map(\.name) + other.list.map(\.name)
    return names.first { self[$0] != other[$0] }
  }

  /// What a report lists of them among its options.
  var words: [String] {
    [Self.zone, Self.clock, Self.service, Self.format]
      .flatMap { (self[$0] ?? "").split(separator: "\n").map(String.init) }
  }

  /// The rule by which services were named.
  var serviceRule: ServiceRule {
    let word = self[Self.service]?.split(separator: " ").last.map(String.init)
    return word.flatMap(ServiceRule.init(rawValue:)) ?? .host
  }
}

extension ReadingOptions {
  /// The options that go with the tallies among the PATHs: theirs, where nothing else was asked for and nothing else is read.
  func agreeing(with tallies: [TallyFile], readsMore: Bool) throws(TallyProblem) -> ReadingOptions {
    guard let first = tallies.first else { return self }
    for other in tallies.dropFirst() {
      guard let name = first.settings.difference(from: other.settings) else { continue }
      throw .mixed(
        path: first.path.string, value: first.settings[name] ?? "", other: other.path.string,
        otherValue: other.settings[name] ?? "", option: name)
    }
    var own = TallySettings(self)
    if !readsMore {
      for index in own.list.indices where own.list[index].value.isEmpty {
        own.list[index].value = first.settings[own.list[index].name] ?? ""
      }
    }
    if let name = own.difference(from: first.settings) {
      throw .mixed(
        path: first.path.string, value: first.settings[name] ?? "", other: nil,
        otherValue: own[name] ?? "", option: name)
    }
    var options = self
    options.serviceRule = first.settings.serviceRule
    return options
  }
}
