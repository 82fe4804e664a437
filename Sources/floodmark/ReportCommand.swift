internal import ArgumentParser
internal import IncidentModel
internal import Pipeline

/// `floodmark report PATH...`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the incident report of the archives under PATH.",
    discussion: """
      Without --output the report goes to standard output, as Markdown. With --output DIR the \
      folder receives report.md, and what else --format asks for.

      EXAMPLES
        floodmark report logs/
        floodmark report logs/ --output incident/ --format markdown,json
        floodmark report logs/ --from 17:30 --to 19:30 --time-zone Europe/Berlin
        zcat old.log.Z | floodmark report - asg.json --format json
      """)

  @OptionGroup var reading: ReadingArguments

  @Option(
    help: ArgumentHelp(
      "\(OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")), or several with commas between.",
      valueName: "formats"))
  var format: FormatList = FormatList(formats: [.markdown])

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("A folder to write into; '-' is standard output.", valueName: "dir"))
  var output: String = "-"

  @Option(
    help: ArgumentHelp(
      "Report from this time on: RFC 3339, or HH:MM[:SS] UTC if the inputs cover one day. Earlier lines still tell what is normal.",
      valueName: "time"))
  var from: TimeArgument?

  @Option(help: ArgumentHelp("Report up to this time.", valueName: "time"))
  var to: TimeArgument?

  @Option(
    help: ArgumentHelp(
      "Add a column with local time, such as America/Los_Angeles.", valueName: "zone"))
  var timeZone: ZoneArgument?

  @Option(
    help: ArgumentHelp(
      "The objective: percent of requests that do not fail. (default: 99.9)", valueName: "percent"))
  var slo: Double?

  @Option(help: ArgumentHelp("Report this service only.", valueName: "name"))
  var service: String?

  @Flag(help: "Draw charts with ASCII characters only.")
  var ascii = false

  @Flag(name: .customLong("no-human-sections"), help: "Leave out the headings that people fill in.")
  var noHumanSections = false

  @Flag(help: "Keep what people wrote into the report that stands in DIR, and renew the rest.")
  var update = false

  @Flag(help: "Overwrite a report that was edited.")
  var force = false

  @Flag(name: .customLong("fail-on-incident"), help: "Exit with 3 if an incident was found.")
  var failOnIncident = false

  @Flag(
    name: .customLong("no-redact"),
    help: "Mask nothing: addresses, e-mails and tokens stand in the report as in the logs.")
  var noRedact = false

  @Option(
    name: .customLong("k"),
    help: ArgumentHelp(
      "Name a client's network only if at least so many clients share it.", valueName: "clients"))
  var anonymity: Int = 5

  @Option(
    help: ArgumentHelp("The width of the IPv4 networks that are named.", valueName: "bits"))
  var networkBits: Int = 24

  @Flag(name: .customLong("keep-private"), help: "Show private and internal addresses.")
  var keepPrivate = false

  @OptionGroup var talk: TalkArguments

  func validate() throws {
    if output == "-"
      && (format.formats.count > 1 || format.formats.contains(where: \.isSeveralFiles))
    {
      throw ValidationError(
        "Only one file goes to standard output; name a folder with --output for several.")
    }
    if let slo, !(slo > 0 && slo < 100) {
      throw ValidationError("--slo wants a percentage between 0 and 100, such as 99.9.")
    }
    if !(1...1_000_000).contains(anonymity) {
      throw ValidationError("--k wants a number of at least 1.")
    }
    if ![8, 12, 16, 20, 24].contains(networkBits) {
      throw ValidationError("--network-bits wants 8, 12, 16, 20 or 24.")
    }
    if (update || force) && output == "-" {
      throw ValidationError("--update and --force go with --output DIR.")
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let meter = ReadMeter()
      let run = ReportRun(options: runOptions)
      let outcome = try await console.withProgress(meter) { try await run.run(meter: meter) }
      for loss in outcome.losses { console.warn(loss) }
      if let bytes = outcome.standardOutput { try console.output(bytes) }
      for path in outcome.written { console.inform(path) }
      if !outcome.losses.isEmpty { throw ExitCode(2) }
      if failOnIncident && outcome.hasIncident { throw ExitCode(3) }
    }
  }

  private var runOptions: ReportRun.Options {
    var analysis = AnalysisOptions()
    analysis.from = from?.bound
    analysis.to = to?.bound
    analysis.objective = (slo ?? 99.9) / 100
    analysis.objectiveIsGiven = slo != nil
    analysis.service = service
    analysis.given = given
    return ReportRun.Options(
      reading: reading.options, analysis: analysis, output: output, formats: format.formats,
      zone: timeZone?.zone, isASCII: ascii, hasHumanSections: !noHumanSections,
      conflict: force ? .overwrite : update ? .keepHumanText : .stop, isRedacted: !noRedact,
      anonymity: anonymity,
      networkBits: networkBits, keepsPrivate: keepPrivate, version: toolVersion)
  }

  /// The options that change what the report says, in the order of the manual.
  private var given: [String] {
    var words: [String] = []
    func add(_ name: String, _ value: String?) {
      if let value { words.append("\(name) \(value)") }
    }
    add("--from", from?.text)
    add("--to", to?.text)
    add("--time-zone", timeZone?.zone.name)
    add("--slo", slo.map { "\($0)" })
    if ascii { words.append("--ascii") }
    if noHumanSections { words.append("--no-human-sections") }
    add("--input-time-zone", reading.inputTimeZone?.zone.name)
    for clock in reading.clocks {
      add("--clock", "\(clock.offset.pattern)=\(clock.offset.seconds)")
    }
    add("--service", service)
    if reading.serviceBy != .host { add("--service-by", reading.serviceBy.rawValue) }
    for item in reading.logFormats {
      add("--log-format", (item.format.pattern.map { $0 + "=" } ?? "") + item.format.format)
    }
    if noRedact { words.append("--no-redact") }
    if anonymity != 5 { add("--k", "\(anonymity)") }
    if networkBits != 24 { add("--network-bits", "\(networkBits)") }
    if keepPrivate { words.append("--keep-private") }
    return words
  }
}

/// `markdown,json`.
struct FormatList: ExpressibleByArgument {
  var formats: [OutputFormat]

  init(formats: [OutputFormat]) {
    self.formats = formats
  }

  init?(argument: String) {
    formats = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let format = OutputFormat(rawValue: String(word)) else { return nil }
      if !formats.contains(format) { formats.append(format) }
    }
  }

  var defaultValueDescription: String { formats.map(\.rawValue).joined(separator: ",") }
}
