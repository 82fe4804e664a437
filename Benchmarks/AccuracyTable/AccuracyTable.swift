internal import ArgumentParser
internal import FloodmarkTestSupport
internal import Foundation
internal import IncidentModel

extension Scenario: ExpressibleByArgument {}
extension Trial.Kind: ExpressibleByArgument {}

/// What the analysis gets right of simulated outages: the same options give the same tables.
@main
struct AccuracyTable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy-table",
    abstract: "Simulates outages, analyses their archives and holds the answers against the truth.")

  @Option(help: "Seeds for each cause and format.") var seeds = 20
  @Option(help: "Archives for each cause and way in which its inputs are spoilt.") var spoilt = 3
  @Option(help: "Only archives of this kind.") var kind: Trial.Kind?
  @Option(help: "The first of them; ranges that do not overlap share no archive.")
  var firstSeed: UInt64 = 1
  @Option(help: "Only this cause, absorbed, or quiet.") var cause: Scenario?
  @Option(help: "Quiet service-days.") var quietDays = 300
  @Option(help: "Days of the longest quiet archive.") var longestQuiet = 3
  @Option(help: "Archives that are made and read at the same time.") var jobs = 2
  @Flag(help: "Two archives a cause and two quiet days, in less than half a minute.")
  var sample = false
  @Flag(help: "List the onsets, shortfalls and times that missed, too.") var misses = false

  @Option(help: "Only the archive of this seed, with everything that was weighed.")
  var archive: UInt64?

  func run() async throws {
    let list =
      sample
      ? TrialList.sample(firstSeed: firstSeed % 1_000_000_000)
      : TrialList(
        seeds: max(0, min(seeds, 1_000)), spoilt: max(0, min(spoilt, 1_000)),
        firstSeed: firstSeed % 1_000_000_000, only: cause,
        quietDays: max(0, min(quietDays, 100_000)), longestQuiet: max(1, min(longestQuiet, 31)))
    let clock = ContinuousClock()
    let start = clock.now
    let trials = list.trials.filter {
      (archive == nil || $0.seed == archive) && (kind == nil || $0.kind == kind)
    }
    let outcomes = try await Self.outcomes(
      of: trials, jobs: max(1, min(jobs, 64)), areExplained: archive != nil)
    let tables = Tabulation(outcomes: outcomes)
    print(tables.text)
    if misses { print("### Misses\n\n\(tables.misses)\n") }
    if archive != nil { print(outcomes.flatMap(\.explanation).joined(separator: "\n")) }
    let spent = Int((clock.now - start) / .seconds(1))
    let slowest = outcomes.map(\.analysisSeconds).max() ?? 0
    // Times differ from run to run, so they are no part of the tables.
    let note =
      "\(outcomes.count) archives in \(spent) s; longest analysis \(Int(slowest * 1_000)) ms\n"
    try FileHandle.standardError.write(contentsOf: Data(note.utf8))
  }

  /// In the order of the trials, however many run at once.
  static func outcomes(
    of trials: [Trial], jobs: Int, areExplained: Bool = false
  ) async throws -> [TrialOutcome] {
    var found: [Int: TrialOutcome] = [:]
    try await withThrowingTaskGroup(of: (Int, TrialOutcome).self) { group in
      var waiting = trials.enumerated().makeIterator()
      for _ in 0..<jobs {
        guard let (index, trial) = waiting.next() else { break }
        group.addTask { (index, try await TrialOutcome(trial, isExplained: areExplained)) }
      }
      while let (index, outcome) = try await group.next() {
        found[index] = outcome
        if let (next, trial) = waiting.next() {
          group.addTask { (next, try await TrialOutcome(trial, isExplained: areExplained)) }
        }
      }
    }
    return trials.indices.compactMap { found[$0] }
  }
}
