internal import Correlation
internal import FloodmarkTestSupport
internal import IncidentModel
internal import Pipeline

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
  /// Everything that was weighed.
  private(set) var explanation: [String] = []

  /// Writes the archive into a folder of its own, reads it as the command does, analyses it and removes the folder.
  init(_ trial: Trial) async throws {
    self.trial = trial
    var incident = SimulatedIncident(trial.plan)
    if trial.kind == .thinned { incident.lose(share: 0.05) }
    let archive = SimulatedArchive(
      incident, access: trial.access, capacity: trial.capacity, packing: trial.packing, level: 1)
    let folder = try TemporaryFolder()
    try archive.writeLogs(to: folder.path)
    var options = ReadingOptions()
    options.paths = [folder.path]
    options.threads = 1
    let view = try await Reading(options: options, meter: ReadMeter()).view()
    let clock = ContinuousClock()
    let start = clock.now
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    analysisSeconds = (clock.now - start) / .seconds(1)
    compare(analysis, archive.truth)
  }

  /// The share of wrong answers is counted over this.
  var isRight: Bool {
    switch trial.kind {
    case .planted, .thinned: leading == trial.scenario.cause
    case .withoutCapacityLog:
      // Demand did surge, and no input tells what capacity did: said with doubt, that is no wrong answer.
      incidents > 0
        && (leading == nil || leading == .demandSurge && (likelihood ?? 1) < 0.8 && asksForMore)
    case .uneventful: incidents == 0
    }
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
      requests == truth.total && failed == truth.failed && refused == truth.brokenLines
    incidents = analysis.incidents.count
    ramp = truth.onset != nil && truth.scenario.isSurge ? truth.ramp : nil
    let worst = analysis.incidents.max { $0.impact.failed < $1.impact.failed }
    let finding = worst?.findings.first { $0.cause == worst?.cause }
    leading = worst?.cause
    likelihood = finding?.likelihood?.value
    asksForMore = finding?.needs.isEmpty == false
    account = Self.account(of: worst)
    explanation = Explanation.lines(of: analysis)
    guard trial.kind != .uneventful, let onset = truth.onset else { return }
    if let worst, let spike = Self.spike(of: worst, in: analysis) {
      onsetError = spike.onset.seconds(since: onset)
    }
    compareShortfall(analysis, truth)
    if truth.capacityFormat != .none { compareTimes(worst, truth, after: onset) }
  }

  private mutating func compareShortfall(_ analysis: Analysis, _ truth: Truth) {
    // What was lost is missing from the truth's need, but not from what an instance truly works.
    guard trial.kind != .thinned,
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
    guard let decision = truth.decisions.first(where: { $0.time >= onset && $0.to > $0.from })
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
