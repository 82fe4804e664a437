internal import Correlation
internal import FloodmarkTestSupport
internal import IncidentModel
internal import Pipeline
internal import TrafficTally

/// What the analysis of one archive said, beside what was planted in it.
struct TrialOutcome: Sendable {
  /// A figure beside the truth.
  struct Figure: Sendable {
    var found: Int
    var truth: Int
    var interval: ClosedRange<Int>?

    func isWithin(_ share: Double) -> Bool {
      abs(Double(found - truth)) <= share * Double(truth) + 1e-9
    }
    var isCovered: Bool { interval?.contains(truth) ?? false }
  }

  let trial: Trial
  /// Requests and failures were counted exactly, and no line was refused.
  private(set) var isCountExact = false
  private(set) var incidents = 0
  /// The cause that leads in the incident with most failures; nil: undetermined, or there is no incident.
  private(set) var leading: Cause?
  private(set) var likelihood: Double?
  /// The leading finding names an input that would decide it.
  private(set) var asksForMore = false
  /// Estimated less planted, in seconds; nil without a rise that was found.
  private(set) var onsetError: Double?
  /// The outage before the planted one was told as what it was; nil where there was none.
  private(set) var isFirstRight: Bool?
  /// The analysis is the same whichever order the inputs are named in.
  private(set) var isSameReordered: Bool?
  /// Repeats found less true ones, as a share of the incident's requests; nil where the inputs do not tell.
  private(set) var repeatShareError: Double?
  /// Machines' share of the excess of first attempts less the planted one; nil without a rise, or where a part of it is left undecided.
  private(set) var machineShareError: Double?
  /// The excess has a composition of which the planted share is known.
  private(set) var hasMachineShare = false
  /// What was told of other histories, beside the same outage run again.
  private(set) var otherRuns: [OtherRun] = []
  /// Seconds over which the planted rise grew; 0 for a step, nil without a rise.
  private(set) var ramp: Int?
  /// The rise was planted as a step.
  var isStep: Bool { ramp == 0 }
  /// nil: the inputs, so the analysis, tell none.
  private(set) var shortfall: Figure?
  /// Measured over true requests per second that one instance works; nil: not told, or only a lower bound.
  private(set) var rateRatio: Double?
  /// Needed and ready at the worst minute, found and true, for the list of misses.
  private(set) var peaks = ""
  /// Whether the time is that of the log; nil where the log states none.
  private(set) var isDecisionExact: Bool?
  private(set) var isInServiceExact: Bool?
  /// How long the analysis took, without reading.
  private(set) var analysisSeconds = 0.0
  /// The likelihoods of the supported findings, for the list of wrong answers.
  private(set) var account = ""
  /// Everything that was weighed; empty unless it was asked for.
  private(set) var explanation: [String] = []

  /// Writes the archive into a folder of its own, reads it as the command does, analyses it and removes the folder.
  init(_ trial: Trial, isExplained: Bool) async throws {
    self.trial = trial
    var incident = SimulatedIncident(trial.plan)
    if trial.kind == .thinned { incident.lose(share: 0.05) }
    if trial.kind == .withoutClients { incident.hideClients() }
    // What a member is compressed with changes no answer, and takes as long as the analysis: a third of the archives hold compressed members, a third stored ones, and a third none.
    var archive = SimulatedArchive(
      incident, access: trial.access, capacity: trial.capacity, packing: trial.packing,
      level: trial.packing == .mixed ? 1 : 0)
    if trial.kind == .serverMissing { archive.remove("access/edge-3.log") }
    if trial.kind == .split { archive.splitAccessLogs() }
    let folder = try TemporaryFolder()
    try archive.writeLogs(to: folder.path)
    let view = try await Self.view(of: [folder.path])
    let clock = ContinuousClock()
    let start = clock.now
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    analysisSeconds = (clock.now - start) / .seconds(1)
    compare(analysis, archive.truth)
    if isExplained {
      explanation = Explanation.lines(of: analysis)
      explanation += Explanation.repeats(told: analysis, archive.truth)
    }
    if trial.kind == .reordered {
      // The same files, named one by one from the last to the first.
      let files = archive.files.map { folder.path + "/" + $0.path }
      let forward = Correlator.analyse(
        try await Self.view(of: files), options: AnalysisOptions())
      let backward = Correlator.analyse(
        try await Self.view(of: files.reversed()), options: AnalysisOptions())
      isSameReordered = String(describing: forward) == String(describing: backward)
    }
  }

  private static func view(of paths: [String]) async throws -> TrafficView {
    var options = ReadingOptions()
    options.paths = paths
    options.threads = 1
    return try await Reading(options: options, meter: ReadMeter()).view()
  }

  /// The share of wrong answers is counted over this.
  var isRight: Bool {
    if trial.kind == .uneventful { return incidents == 0 }
    if isFirstRight == false || isSameReordered == false { return false }
    if leading == trial.scenario.cause { return true }
    if trial.kind.mustTell || incidents == 0 { return false }
    // What the inputs cannot tell may be left open, or be said with doubt and a wish for more.
    return leading == nil || (likelihood ?? 1) < 0.8 && asksForMore
  }

  var isConfidentlyWrong: Bool { !isRight && (likelihood ?? 0) >= 0.8 }

  /// The row of the confusion matrix: what was said.
  var answer: String {
    incidents == 0 ? "no incident" : leading?.rawValue ?? "undetermined"
  }

  private mutating func compare(_ analysis: Analysis, _ truth: Truth) {
    let requests = analysis.services.reduce(0) { $0 + $1.impact.requests }
    let failed = analysis.services.reduce(0) { $0 + $1.impact.failed }
    let refused = analysis.coverage.rejected.reduce(0) { $0 + $1.count }
    isCountExact =
      trial.kind == .serverMissing
      || requests == truth.total && failed == truth.failed && refused == truth.brokenLines
    incidents = analysis.incidents.count
    ramp = truth.onset != nil && truth.rises ? truth.ramp : nil
    let worst = Self.told(analysis, truth, second: trial.kind == .second)
    if trial.kind == .second, let fault = trial.plan.fault {
      let start = truth.start.advanced(bySeconds: Double(fault.second))
      let early = analysis.incidents.first { $0.span.end > start }
      isFirstRight = early?.cause == .errorsWithoutLoad && early?.id != worst?.id
    }
    if let worst, let found = worst.impact.repeats, worst.impact.requests > 0,
      trial.kind != .serverMissing
    {
      let known = truth.repeats(in: worst.span)
      repeatShareError = (Double(found) - known) / Double(worst.impact.requests)
    }
    let finding = worst?.findings.first { $0.cause == worst?.cause }
    leading = worst?.cause
    likelihood = finding?.likelihood?.value
    asksForMore = finding?.needs.isEmpty == false
    account = Self.account(of: worst)
    if let guests = trial.plan.guests { account += " (guests: \(guests.sort.rawValue))" }
    if let worst, trial.kind == .planted || trial.kind == .crowds {
      otherRuns = worst.counterfactuals.compactMap {
        OtherRun(
          $0, of: trial.plan, access: trial.access, truth: truth,
          onset: Self.spike(of: worst, in: analysis)?.onset ?? worst.span.start)
      }
    }
    guard trial.kind != .uneventful, let onset = truth.onset else { return }
    if let worst, let spike = Self.spike(of: worst, in: analysis) {
      onsetError = spike.onset.seconds(since: onset)
      compareMachines(spike, truth)
    }
    compareShortfall(analysis, truth)
    if truth.capacityFormat != .none { compareTimes(worst, truth, after: onset) }
  }

  /// Undecided parts of the excess under this leave the machines' share told.
  private static let decided = 0.05

  private mutating func compareMachines(_ spike: Spike, _ truth: Truth) {
    let composition = spike.composition
    guard trial.plan.hotRoute == nil, trial.kind != .serverMissing,
      let planted = truth.machineShare(in: TimeSpan(start: spike.onset, end: spike.end)),
      let told = composition.machineShare ?? composition.undecidedShare.map({ _ in 0 })
    else { return }
    hasMachineShare = true
    if (composition.undecidedShare ?? 1) <= Self.decided { machineShareError = told - planted }
  }

  /// The incident that is held against the truth: of those that do not end before the onset the one that a report's head is about.
  private static func told(_ analysis: Analysis, _ truth: Truth, second: Bool) -> Incident? {
    let start = second ? truth.onset ?? truth.start : truth.start
    return analysis.incidents.filter { $0.span.end > start }.worstFirst.first
  }

  private mutating func compareShortfall(_ analysis: Analysis, _ truth: Truth) {
    // What was lost is missing from the truth's need, but not from what an instance truly works.
    guard trial.kind != .thinned, trial.kind != .serverMissing, trial.kind != .cutOff,
      trial.plan.collapse == 0, trial.plan.slowdown == nil,
      let group = analysis.capacity.first(where: { $0.group == truth.group })
        ?? analysis.capacity.first
    else { return }
    if let rate = group.perInstanceRate, !group.perInstanceRateIsLowerBound {
      rateRatio = rate / truth.capacity
    }
    guard let short = group.shortfall, let worst = truth.worstMinute, worst.needed > worst.ready
    else { return }
    shortfall = Figure(
      found: short, truth: worst.needed - worst.ready, interval: group.shortfallInterval)
    guard let peak = group.peakMinute else { return }
    let minute = Int(peak.seconds(since: truth.minutes.first) / 60)
    peaks =
      "needed \(group.peakNeeded ?? -1) ready \(group.peakReady ?? -1) in minute \(minute),"
      + " true \(worst.needed) and \(worst.ready) in minute \(worst.minute)"
  }

  /// The rise that the incident is told with.
  private static func spike(of incident: Incident, in analysis: Analysis) -> Spike? {
    analysis.spikes.filter { incident.spikes.contains($0.id) }
      .max { ($0.ratio, $1.onset) < ($1.ratio, $0.onset) }
  }

  private mutating func compareTimes(_ incident: Incident?, _ truth: Truth, after onset: Instant) {
    guard truth.rises,
      let decision = truth.decisions.first(where: { $0.time >= onset && $0.to > $0.from })
    else { return }
    isDecisionExact = incident?.phases.firstDecision?.seconds == decision.time.seconds
    guard truth.capacityFormat != .clusterAutoscaler else { return }
    let arrivals = truth.activities.filter { $0.outcome == .inService && $0.end > decision.time }
    guard let first = arrivals.map(\.end).min(), first < truth.end else { return }
    isInServiceExact = incident?.phases.firstInService?.seconds == first.seconds
  }

  private static func account(of incident: Incident?) -> String {
    guard let incident else { return "" }
    let told = incident.findings.filter { ($0.likelihood?.value ?? 0) >= 0.3 }.map {
      finding -> String in
      let minutes = finding.span.map { Int($0.seconds / 60) } ?? 0
      let value = Int(((finding.likelihood?.value ?? 0) * 100).rounded())
      return "\(finding.cause.rawValue) \(value) % (\(minutes) min)"
    }
    let detected = incident.detectedBy.map(\.rawValue).joined(separator: "+")
    return "\(Int(incident.span.seconds / 60)) min by \(detected): "
      + told.joined(separator: ", ")
  }
}
