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
        floodmark report monday.tally tuesday/ --output incident/
        floodmark report logs/ --cache ~/.cache/floodmark --from 17:30
      """)

  @OptionGroup var reading: ReadingArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("A folder to write into; '-' is standard output.", valueName: "dir"))
  var output: String = "-"

  @OptionGroup var cache: CacheArguments
  @OptionGroup var report: ReportArguments
  @OptionGroup var talk: TalkArguments

  func validate() throws {
    let formats = report.format.formats
    if output == "-" && (formats.count > 1 || formats.contains(where: \.isSeveralFiles)) {
      throw ValidationError(
        "Only one file goes to standard output; name a folder with --output for several.")
    }
    if (report.update || report.force) && output == "-" {
      throw ValidationError("--update and --force go with --output DIR.")
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let meter = ReadMeter()
      var options = try report.options(reading, output: output)
      options.reading.cache = cache.cache
      let run = ReportRun(options: options)
      let outcome = try await console.withProgress(meter) { try await run.run(meter: meter) }
      for path in outcome.damagedCacheFiles { console.warn(TallyText.damagedCache(path)) }
      for loss in outcome.losses { console.warn(loss) }
      if let bytes = outcome.standardOutput { try console.output(bytes) }
      for path in outcome.written { console.inform(path) }
      for path in outcome.removed { console.inform("\(path): of an earlier report, removed") }
      for path in outcome.outdated {
        console.warn("'\(path)' is of an earlier report; it was changed since, so that it stays.")
      }
      if !outcome.losses.isEmpty { throw ExitCode(2) }
      if report.failOnIncident && outcome.hasIncident { throw ExitCode(3) }
    }
  }
}
