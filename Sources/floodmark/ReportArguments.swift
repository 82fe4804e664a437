internal import ArgumentParser
internal import IncidentModel
internal import Pipeline

/// The options that decide what a report says and how, of every command that writes reports.
struct ReportArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "markdown, json, summary, html, svg (drawings), csv (timeline and series), jsonl (timeline), ndjson (evidence), openmetrics; several with commas between.",
      valueName: "formats"))
  var format: FormatList = FormatList(formats: [.markdown])

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

  @Option(
    help: ArgumentHelp(
      "Earlier archives that tell what is normal, and nothing else. May be repeated. A batch takes the folder of the archive's own name in it, where there is one.",
      valueName: "path"))
  var baseline: [String] = []

  @Flag(help: "Draw charts with ASCII characters only.")
  var ascii = false

  @Flag(help: "Add a Mermaid chart of demand and capacity to report.md.")
  var mermaid = false

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
    help: ArgumentHelp(
      "Mask what fits this regular expression too. May be repeated.", valueName: "pattern"))
  var redact: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file of 32 bytes or more that only you can read: clients get names that agree between reports.",
      valueName: "file"))
  var pseudonymKey: String?

  @Option(
    name: .customLong("address-list"),
    help: ArgumentHelp(
      "Networks and whose they are: 'prefix,label' lines, the JSON that AWS, Google, Cloudflare, Azure and GitHub publish, or a MaxMind database such as GeoLite2-ASN. Labels that begin with 'people:' are no sign of machines. May be repeated.",
      valueName: "file"))
  var addressLists: [String] = []

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

  func validate() throws {
    if let slo, !(slo > 0 && slo < 100) {
      throw ValidationError("--slo wants a percentage between 0 and 100, such as 99.9.")
    }
    if !(1...1_000_000).contains(anonymity) {
      throw ValidationError("--k wants a number of at least 1.")
    }
    if ![8, 12, 16, 20, 24].contains(networkBits) {
      throw ValidationError("--network-bits wants 8, 12, 16, 20 or 24.")
    }
    if baseline.contains("-") {
      throw ValidationError("--baseline wants files or folders; standard input is for the archive.")
    }
    if let bad = redact.first(where: { !isPattern($0) }) {
      throw ValidationError("--redact '\(bad)' is no regular expression.")
    }
    if noRedact && !(redact.isEmpty && pseudonymKey == nil) {
      throw ValidationError("--no-redact masks nothing; leave out --redact and --pseudonym-key.")
    }
  }

  /// What the pipeline is told: where it reads and writes is the command's own.
  func options(_ reading: ReadingArguments, output: String) throws -> ReportRun.Options {
    var analysis = AnalysisOptions()
    analysis.from = from?.bound
    analysis.to = to?.bound
    analysis.service = service
    analysis.given = given(reading)
    var options = ReportRun.Options(
      reading: reading.plainOptions, analysis: analysis, output: output, formats: format.formats,
      zone: timeZone?.zone, isASCII: ascii, hasHumanSections: !noHumanSections,
      conflict: force ? .overwrite : update ? .keepHumanText : .stop, isRedacted: !noRedact,
      anonymity: anonymity,
      networkBits: networkBits, keepsPrivate: keepPrivate, version: toolVersion)
    options.drawsMermaid = mermaid
    options.keyFile = pseudonymKey
    var settings = reading.configuration
    settings.slo = slo
    settings.redact = redact
    settings.baseline = baseline
    settings.addressLists = addressLists
    options.take(settings)
    if let path = reading.configurationFile {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      options.complete(by: try ConfigurationFile.read(path), naming: "--config \(name)")
    }
    return options
  }

  /// The options that change what the report says, in the order of the manual.
  private func given(_ reading: ReadingArguments) -> [String] {
    var words: [String] = []
    func add(_ name: String, _ value: String?) {
      if let value { words.append("\(name) \(value)") }
    }
    add("--from", from?.text)
    add("--to", to?.text)
    add("--time-zone", timeZone?.zone.name)
    add("--slo", slo.map { "\($0)" })
    // Where they lie is the machine's business; what they are stands among the inputs.
    if !baseline.isEmpty { words.append("--baseline (\(baseline.count))") }
    if ascii { words.append("--ascii") }
    if mermaid { words.append("--mermaid") }
    if noHumanSections { words.append("--no-human-sections") }
    add("--input-time-zone", reading.inputTimeZone?.zone.name)
    for clock in reading.clocks {
      add("--clock", "\(clock.offset.pattern)=\(clock.offset.seconds)")
    }
    add("--service", service)
    if let rule = reading.serviceBy, rule != .host { add("--service-by", rule.rawValue) }
    words += reading.logFormats.map(\.format.option)
    if noRedact { words.append("--no-redact") }
    // Neither a pattern nor a key stands in a report: both may be what is to be hidden.
    if !redact.isEmpty { words.append("--redact (\(redact.count) of your own)") }
    if pseudonymKey != nil { words.append("--pseudonym-key (keyed)") }
    for list in addressLists { add("--address-list", list) }
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
