internal import ArchiveInput
internal import IncidentModel
internal import SystemPackage
internal import TrafficTally

/// `floodmark tally` and `floodmark merge`: from PATHs, or from other tallies, to one tally on disk.
package struct TallyRun: Sendable {
  /// What came of the run, for messages and the exit code.
  package struct Outcome: Sendable {
    package var path: String
    /// Texts that were read, and what could not be.
    package var inputs: Int
    /// Inputs of which a part could not be read, each in words for a terminal.
    package var losses: [String]
    /// Not a single line was in a known format; the problems, in words for a terminal.
    package var isEmpty: Bool
    package var problems: [String]
    /// Files of the cache that were damaged, taken away and not used.
    package var damagedCacheFiles: [String]
  }

  private let options: ReadingOptions
  private let output: String

  package init(options: ReadingOptions, output: String) {
    self.options = options
    self.output = output
  }

  /// Merges tallies alone; a PATH that is none stops the run.
  package init(
    merging paths: [String], version: String, output: String
  ) throws(RunError) {
    for path in paths where !TallyFile.isTally(FilePath(path)) {
      // Words for what can't be opened come from the attempt.
      do throws(TallyProblem) { _ = try TallyFile(FilePath(path)) } catch { throw .tally(error) }
    }
    var options = ReadingOptions()
    options.paths = paths
    options.version = version
    options.readsOwnFile = false
    self.init(options: options, output: output)
  }

  /// Reads all of it, and writes the tally only then.
  package func run(meter: ReadMeter) async throws -> Outcome {
    var options = options
    if options.readsOwnFile, let own = try ConfigurationFile.own(of: options.paths) {
      options.take(options.configuration.completed(by: own))
    }
    // What is normal is for the report to learn, from archives that are named then.
    options.baselines = []
    let (tally, settings, damaged) = try await Reading(options: options, meter: meter).tally()
    let rows = tally.summaries()
    if rows.isEmpty { throw RunError.nothingRead(problems: []) }
    try TallyFile.write(tally, settings: settings, to: FilePath(output))
    return Outcome(
      path: output, inputs: rows.count, losses: Losses.lines(of: rows),
      isEmpty: !rows.contains { $0.records > 0 }, problems: Losses.allLines(of: rows),
      damagedCacheFiles: damaged)
  }
}
