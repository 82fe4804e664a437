internal import IncidentModel

/// The kinds of evidence of METHODS §8; a supported cause needs two, one of them specific to it.
///
/// The failures to be explained are no evidence.
enum EvidenceKind: String, CaseIterable, Sendable {
  case capacityLog, humanNote, change, status, latency, serving, composition
}

/// A statement for a cause with the kind of evidence it rests on.
struct Support: Sendable {
  var argument: Argument
  var kind: EvidenceKind
  /// It speaks for this cause and for hardly any other.
  var isSpecific: Bool
}

/// One cause of the closed catalogue, tested in one incident. One file a cause, one row in the registry.
protocol CauseTest: Sendable {
  var cause: Cause { get }
  func examine(_ context: CauseContext) -> CauseCase
}

/// What a test found for and against its cause, before anybody weighs it.
struct CauseCase: Sendable {
  var supporting: [Support] = []
  var opposing: [Argument] = []
  /// A hard fact that excludes the cause.
  var exclusion: Argument?
  /// Where the cause holds; nil: in the whole incident.
  var span: TimeSpan?
  /// What the cause looks like here, for a supported one; no full stop.
  var statement: Sentence
  /// Why it is not supported, where nothing stronger speaks; no full stop.
  var otherwise: Sentence
  /// Inputs that would decide it.
  var needs: [Sentence] = []
  /// The inputs cannot tell.
  var isUntestable = false
  /// It takes a steady fleet for granted, which only a capacity log can show (METHODS §8).
  var assumesSteadyFleet = false
  /// It takes all requests for demand; where no client is named, part of them may be repeats, and where nothing tells who came, machines.
  var blamesDemand = false
  /// It compares shares and levels of the incident's own requests, which few of them cannot tell.
  var comparesShares = false
  /// It names a capacity group, so an unsure mapping lowers it.
  var namesGroup = false

  init(statement: Sentence, otherwise: Sentence) {
    self.statement = statement
    self.otherwise = otherwise
  }

  /// A cause that these inputs cannot decide.
  static func untestable(_ why: Sentence, needs: [Sentence]) -> CauseCase {
    var result = CauseCase(statement: why, otherwise: why)
    result.isUntestable = true
    result.needs = needs
    return result
  }

  /// A cause that a hard fact excludes.
  static func excluded(_ why: Sentence, evidence: [EvidenceID] = []) -> CauseCase {
    var result = CauseCase(statement: why, otherwise: why)
    result.exclusion = Argument(sentence: why, evidence: evidence, weight: -5)
    return result
  }

  /// Adds a statement for the cause; of its lines three at most are cited.
  mutating func support(
    _ sentence: Sentence, _ weight: Double, _ kind: EvidenceKind, isSpecific: Bool = false,
    evidence: [EvidenceID] = []
  ) {
    supporting.append(
      Support(
        argument: Argument(sentence: sentence, evidence: Self.few(evidence), weight: weight),
        kind: kind, isSpecific: isSpecific))
  }

  /// Adds a statement against the cause; the weight is given as a positive number.
  mutating func oppose(_ sentence: Sentence, _ weight: Double, evidence: [EvidenceID] = []) {
    opposing.append(
      Argument(sentence: sentence, evidence: Self.few(evidence), weight: -weight))
  }

  private static func few(_ ids: [EvidenceID]) -> [EvidenceID] {
    var seen: Set<EvidenceID> = []
    return Array(ids.filter { seen.insert($0).inserted }.prefix(3))
  }
}

/// Weighs a case (METHODS §8): the sum of log-odds becomes a likelihood, capped by what the evidence cannot bear.
enum CauseJudgement {
  /// Log-odds of a cause of which nothing is known: 1 of 13.
  static let prior = -2.5
  static let supported = 0.55
  /// A cause whose only specific evidence is a person's line.
  static let noteCap = 0.89
  /// A cause that takes a steady fleet for granted, without a capacity log.
  static let noCapacityCap = 0.79
  /// Inputs that begin or end inside the incident, or are silent in a part of it.
  static let partialCap = 0.94
  /// A quarter or more of the incident is hidden, or it is cut in the midst.
  static let hiddenCap = 0.79
  static let hiddenShare = 0.25
  /// Under 100 failed requests shares are off by five points and more, and under three minutes levels rest on one or two.
  static let fewCap = 0.79
  static let fewFailed = 100
  static let fewSeconds = 180.0
  /// Under two kinds of evidence, or without a specific one.
  static let thinCap = 0.54
  /// A span with a smaller share of the failed requests is not listed.
  static let leastShare = 0.02

  static func finding(of examined: CauseCase, cause: Cause, in context: CauseContext) -> Finding {
    var finding = judged(examined, cause, context)
    // What a verdict lacks stands with it.
    finding.needs += context.missing.map(\.fetch).filter { !finding.needs.contains($0) }
    return finding
  }

  private static func judged(
    _ examined: CauseCase, _ cause: Cause, _ context: CauseContext
  ) -> Finding {
    if examined.isUntestable {
      return Finding(
        cause: cause, verdict: .untestable, likelihood: nil, statement: examined.statement,
        needs: examined.needs)
    }
    if let exclusion = examined.exclusion {
      return Finding(
        cause: cause, verdict: .contradicted, likelihood: Likelihood(0.02),
        statement: exclusion.sentence, supporting: examined.supporting.map(\.argument),
        opposing: [exclusion], needs: examined.needs)
    }
    let span = examined.span ?? context.span
    let share = context.failedShare(in: span)
    var examined = examined
    if examined.blamesDemand, context.hidesRepeats {
      examined.needs.append("client addresses in the access log")
    }
    if examined.blamesDemand, context.hidesMachines {
      examined.needs += BotSurge.needs(context).filter { !examined.needs.contains($0) }
    }
    var value = probability(examined)
    value = capped(value, examined, context)
    if context.failed > 0, share < leastShare { value = min(value, thinCap) }
    let likelihood = Likelihood((value * 100).rounded() / 100)
    let verdict: Finding.Verdict =
      likelihood.value >= supported
      ? .supported : likelihood.value < 0.05 ? .contradicted : .unsupported
    let isSupported = verdict == .supported
    return Finding(
      cause: cause, verdict: verdict, likelihood: likelihood,
      span: isSupported ? span : nil,
      failedShare: isSupported && context.failed > 0 ? share : nil,
      statement: isSupported ? examined.statement : examined.otherwise,
      supporting: examined.supporting.map(\.argument), opposing: examined.opposing,
      needs: examined.needs)
  }

  private static func probability(_ examined: CauseCase) -> Double {
    let odds =
      prior + examined.supporting.reduce(0) { $0 + $1.argument.weight }
      + examined.opposing.reduce(0) { $0 + $1.weight }
    return Logistic.probability(ofLogOdds: odds)
  }

  private static func capped(
    _ value: Double, _ examined: CauseCase, _ context: CauseContext
  ) -> Double {
    var value = value
    let kinds = Set(examined.supporting.map(\.kind))
    let specific = examined.supporting.filter(\.isSpecific)
    if kinds.count < 2 || specific.isEmpty { value = min(value, thinCap) }
    if !specific.isEmpty, specific.allSatisfy({ $0.kind == .humanNote }) {
      value = min(value, noteCap)
    }
    if !context.missing.isEmpty { value = min(value, partialCap) }
    // What came before, or after, may have been the answer: a scaler that decided nothing until the last line may have decided then.
    if context.hiddenShare >= hiddenShare || context.isCutInTheMidst || context.hasShiftedServer {
      value = min(value, hiddenCap)
    }
    if examined.comparesShares,
      context.failed < fewFailed || context.span.seconds < fewSeconds
    {
      value = min(value, fewCap)
    }
    if examined.assumesSteadyFleet, !context.hasCapacityLog { value = min(value, noCapacityCap) }
    if examined.blamesDemand,
      context.hidesRepeats || context.hidesMachines || context.isMostlyRepeats
    {
      value = min(value, noCapacityCap)
    }
    if examined.namesGroup, context.isShifted { value = min(value, noCapacityCap) }
    if examined.namesGroup, let mapping = context.group?.mapping {
      value = min(value, mapping.likelihood)
    }
    return value
  }
}

/// The logistic function without a mathematics library: the same bits on every machine.
enum Logistic {
  static func probability(ofLogOdds odds: Double) -> Double {
    guard odds.isFinite else { return odds > 0 ? 1 : 0 }
    let size = min(abs(odds), 40)
    // e^−x = (e^−x/1024)^1024, and the Taylor series to the fourth power is exact to 10⁻¹² there.
    let small = -size / 1024
    var power = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)))
    for _ in 0..<10 { power *= power }
    let upper = 1 / (1 + power)
    return odds >= 0 ? upper : 1 - upper
  }
}
