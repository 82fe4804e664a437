internal import ArgumentParser
internal import IncidentModel
internal import Pipeline

/// The options of every command that reads archives.
struct ReadingArguments: ParsableArguments {
  @ArgumentParser.Argument(
    help: ArgumentHelp(
      "Files, folders or archives; '-' for standard input. Several are one archive.",
      valueName: "path"))
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "The zone of stamps that carry none, such as Europe/Berlin or +02:00. (default: UTC)",
      valueName: "zone"))
  var inputTimeZone: ZoneArgument?

  @Option(
    name: .customLong("clock"),
    help: ArgumentHelp(
      "A file whose clock is ahead by so many seconds: 'web-3.log.gz=+3600'. May be repeated.",
      valueName: "file=seconds"))
  var clocks: [ClockArgument] = []

  @Option(
    help: ArgumentHelp(
      "What names a request's service: its host, the file it stands in, or nothing. (default: host)",
      valueName: "rule"))
  var serviceBy: ServiceRule?

  @Option(
    name: .customLong("log-format"),
    help: ArgumentHelp(
      "The format of all inputs, or of those that fit a pattern: 'combined', 'access/*=aws-alb' ('floodmark formats' lists the names), or the string of nginx, Apache, HAProxy or Envoy as its configuration has it. May be repeated.",
      valueName: "[pattern=]name|string"))
  var logFormats: [FormatArgument] = []

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "A YAML file with settings for many runs. Options win over it.", valueName: "file"))
  var configurationFile: String?

  @Option(
    help: ArgumentHelp(
      "How many inputs are read at the same time. (default: the number of cores)",
      valueName: "number"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "How many bytes one byte on disk may become before an input counts as a bomb, once it has become 1 GiB. (default: 1000)",
      valueName: "ratio"))
  var maxExpansion: Int?

  func validate() throws {
    if paths.isEmpty {
      throw ValidationError("No PATH was given. Name the files or folders that the outage left.")
    }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads wants a number from 1 to 256, not \(threads).")
    }
    if let maxExpansion, maxExpansion < 1 {
      throw ValidationError("--max-expansion wants a number of at least 1, not \(maxExpansion).")
    }
    for item in logFormats {
      if let problem = formatStringProblem(item.format.format) {
        throw ValidationError("--log-format: \(problem)")
      }
    }
    if paths.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("Standard input ('-') was named twice; it can be read only once.")
    }
  }

  /// What these options settle; a configuration file may settle the rest.
  var configuration: Configuration {
    var configuration = Configuration()
    configuration.logFormats = logFormats.map(\.format)
    configuration.inputTimeZone = inputTimeZone?.zone
    configuration.clock = clocks.map(\.offset)
    configuration.serviceBy = serviceBy
    return configuration
  }

  /// What the pipeline is told; nothing of the configuration file is in it yet.
  var plainOptions: ReadingOptions {
    var options = ReadingOptions()
    options.paths = paths
    options.threads = threads ?? processorCount()
    options.maximumExpansion = maxExpansion
    options.configurationFile = configurationFile
    options.readsOwnFile = configurationFile == nil
    return options
  }

  /// What the pipeline is told where no report is written.
  func options() throws -> ReadingOptions {
    var options = plainOptions
    let file = try configurationFile.map { try ConfigurationFile.read($0) }
    options.take(configuration.completed(by: file ?? Configuration()))
    return options
  }
}

/// How loud a command is.
struct TalkArguments: ParsableArguments {
  @Flag(help: "Say nothing on standard error but errors.")
  var quiet = false

  @Flag(name: .customLong("no-progress"), help: "Show no progress, even on a terminal.")
  var noProgress = false

  @Option(
    help: ArgumentHelp("Colour messages on a terminal: auto, always or never.", valueName: "when"))
  var color: ColorChoice = .auto
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

extension ServiceRule: ExpressibleByArgument {}

/// A time zone of the system's database.
struct ZoneArgument: ExpressibleByArgument {
  var zone: ZoneOffsets

  init?(argument: String) {
    guard let zone = ZoneDatabase.zone(named: argument) else { return nil }
    self.zone = zone
  }
}

/// `FILE=+3600`.
struct ClockArgument: ExpressibleByArgument {
  var offset: ClockOffset

  init?(argument: String) {
    guard let split = argument.lastIndex(of: "="), split != argument.startIndex,
      let seconds = Double(argument[argument.index(after: split)...]),
      abs(seconds) <= ClockOffset.mostSeconds
    else { return nil }
    offset = ClockOffset(pattern: String(argument[..<split]), seconds: seconds)
  }
}

/// `NAME`, `PATTERN=NAME`, or a server's own format string in place of NAME.
struct FormatArgument: ExpressibleByArgument {
  var format: ForcedFormat

  init?(argument: String) {
    guard let format = ForcedFormat(option: argument) else { return nil }
    self.format = format
  }
}

/// `2018-07-16T17:30:00Z`, or `17:30` if the inputs cover one day.
struct TimeArgument: ExpressibleByArgument {
  var bound: WindowBound
  /// As it was typed, for the report's last line.
  var text: String

  init?(argument: String) {
    text = argument
    if let match = argument.wholeMatch(of: /(\d\d?):(\d\d)(?::(\d\d))?/),
      let hour = Int(match.1), let minute = Int(match.2), let second = Int(match.3 ?? "0"),
      hour <= 24, minute <= 59, second <= 59
    {
      bound = .timeOfDay(seconds: hour * 3_600 + minute * 60 + second)
    } else if let moment = Self.moment(argument) {
      bound = .moment(moment)
    } else {
      return nil
    }
  }

  /// RFC 3339 with a `T` or a blank between date and time, and a zone.
  private static func moment(_ text: String) -> Instant? {
    let form =
      /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|z|[+-]\d\d:?\d\d)/
    guard let match = text.wholeMatch(of: form) else { return nil }
    let fraction = match.7.map { String($0) + String(repeating: "0", count: 6 - $0.count) } ?? "0"
    let civil = CivilTime(
      year: Int(match.1) ?? 0, month: Int(match.2) ?? 0, day: Int(match.3) ?? 0,
      hour: Int(match.4) ?? 0, minute: Int(match.5) ?? 0, second: Int(match.6 ?? "0") ?? 0,
      microsecond: Int(fraction) ?? 0)
    guard civil.isValid, let zone = ZoneDatabase.zone(named: match.8.uppercased()) else {
      return nil
    }
    return civil.instant(offsetSeconds: zone.first)
  }
}
