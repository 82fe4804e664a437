internal import IncidentModel

/// The planned surge of 16 July 2018 as an analysis would tell it: made-up numbers that add up.
enum SampleAnalysis {
  static func at(_ hour: Int, _ minute: Int, _ second: Int = 0) -> Instant {
    CivilTime(year: 2018, month: 7, day: 16, hour: hour, minute: minute, second: second).instant()
  }

  static func ids(_ numbers: Int...) -> [EvidenceID] { numbers.map { EvidenceID($0) } }

  static let service = "shop.example.com"
  static let window = TimeSpan(start: at(17, 30), end: at(19, 30))
  static let span = TimeSpan(start: at(18, 1, 20), end: at(19, 30))

  static func note(_ text: String) -> Sentence { "Note: \(log: LogText(text, kind: .note))" }

  static var whole: Analysis {
    var options = AnalysisOptions()
    options.given = ["--from 17:30", "--to 19:30", "--time-zone America/Los_Angeles"]
    return Analysis(
      options: options, window: Analysis.Window(span: window, bucketSeconds: 60), inputs: inputs,
      services: [ServiceSummary(name: service, impact: total)], series: [series],
      spikes: [spike], incidents: [incident], capacity: [account], timeline: timeline,
      evidence: evidence, openQuestions: openQuestions,
      coverage: Coverage(
        gaps: [],
        clock: [
          Coverage.Clock(
            input: 3, offsetSeconds: 0, uncertaintySeconds: 2,
            reason: "\(count: 5) instance starts are seen in both"),
          Coverage.Clock(
            input: 4, offsetSeconds: 0, uncertaintySeconds: 30, reason: "notes carry minutes only"),
        ],
        rejected: [
          RejectSummary(
            format: "combined", reason: "no request line", count: 2,
            first: LogPosition(input: 1, line: 57_860, offset: 1)),
          RejectSummary(
            format: "combined", reason: "invalid time", count: 1,
            first: LogPosition(input: 2, line: 188_191, offset: 1)),
        ]),
      parameters: [Parameter(name: "spike.minimum_ratio", value: 1.5)])
  }

  /// The zone of the sample's `--time-zone`.
  static let zone = ZoneOffsets(name: "America/Los_Angeles", first: -25_200, transitions: [])

  // MARK: Numbers

  /// From, requests, repeats, failed, needed, needed without repeats, ready: ten minutes a row.
  private static let rows: [(requests: Int, repeats: Int, failed: Int, needed: Int, first: Int)] = [
    (30_000, 0, 30, 9, 9), (30_000, 0, 30, 9, 9), (30_000, 0, 30, 9, 9),
    (72_420, 6_420, 30_908, 30, 22), (120_128, 30_900, 66_112, 35, 25),
    (121_012, 41_940, 65_306, 35, 24), (116_640, 50_040, 55_122, 33, 19),
    (109_827, 52_527, 49_128, 32, 17), (76_408, 22_948, 16_190, 30, 16),
    (54_573, 2_583, 2_337, 16, 15), (52_029, 1_704, 1_595, 15, 15), (50_445, 1_620, 1_535, 15, 15),
  ]

  /// A total over ten minutes, as even as whole numbers allow beside one that is given.
  private static func spread(_ total: Int, seventh: Int? = nil) -> [Int] {
    guard let seventh else { return (0..<10).map { total / 10 + ($0 < total % 10 ? 1 : 0) } }
    let rest = total - seventh
    let nine = (0..<9).map { rest / 9 + ($0 < rest % 9 ? 1 : 0) }
    return nine[..<6] + [seventh] + nine[6...]
  }

  static var series: ServiceSeries {
    var series = ServiceSeries(service: service, start: window.start, bucketSeconds: 60)
    for (place, row) in rows.enumerated() {
      // The busiest minute is 18:16: 12,600 requests, 210 a second.
      let isPeak = place == 4
      series.requests += spread(row.requests, seventh: isPeak ? 12_600 : nil)
      series.repeats += spread(row.repeats)
      series.failed += spread(row.failed, seventh: isPeak ? 7_132 : nil)
      series.needed += Array(repeating: row.needed, count: 10)
      series.neededFirstAttempts += Array(repeating: row.first, count: 10)
    }
    for minute in 0..<120 {
      let moment = at(17, 30 + minute)
      series.ready.append(
        moment < at(18, 6) ? 10 : moment < at(18, 29) ? 15 : moment < at(18, 53) ? 18 : 27)
      series.wanted.append(moment < at(18, 3) ? 10 : moment < at(18, 20) ? 15 : 35)
      series.maximum.append(moment < at(18, 20) ? 15 : 40)
      series.serving.append(
        moment < at(18, 7) ? 10 : moment < at(18, 30) ? 15 : moment < at(18, 54) ? 18 : 27)
      series.p95Milliseconds.append(
        moment < at(18, 1) ? 180 : moment < at(18, 54) ? 7_900 : 240)
    }
    return series
  }

  static var total: Impact {
    Impact(
      requests: 863_482, failed: 288_323, throttled: 0, abandoned: 38_671, bytes: 1_234_567_890)
  }

  static var inside: Impact {
    var impact = Impact(
      requests: 770_482, failed: 288_230, throttled: 0, abandoned: 38_671, bytes: 1_034_567_890)
    impact.repeats = 210_682
    impact.repeatsError = 0.01
    impact.p95Milliseconds = 7_900
    impact.p95Minute = at(18, 16)
    impact.clientsAffected = 61_432
    impact.clientsError = 0.02
    impact.worstMinute = at(18, 16)
    impact.worstMinuteRatio = 7_132.0 / 12_600
    impact.errorBudget = 374.091
    return impact
  }

  static var outside: Impact {
    var impact = Impact(
      requests: 93_000, failed: 93, throttled: 0, abandoned: 0, bytes: 200_000_000)
    impact.repeats = 0
    impact.p95Milliseconds = 180
    impact.clientsAffected = 90
    impact.clientsError = 0.02
    impact.errorBudget = 1
    return impact
  }

  static var spike: Spike {
    Spike(
      id: "S1", service: service, onset: at(18, 0, 55), onsetUncertaintySeconds: 5,
      rampSeconds: 925, peak: at(18, 16), end: at(19, 30), endUncertaintySeconds: 0, isOpen: true,
      baselineRate: 50, peakRate: 210, outcome: .failed,
      composition: Composition(
        kind: .mixed, excessRequests: 503_482, botShare: 0.03, retryShare: 210_682.0 / 503_482,
        segments: [
          segment("route", LogText("GET /deals", kind: .path), 0.370, 0.310),
          segment("route", LogText("POST /api/checkout", kind: .path), 0.142, 0.129),
          segment("client_network", LogText("203.0.113.0/24", kind: .network), 0.019, 0.004),
          segment("client_agent", LogText("Mobile Safari", kind: .agent), 0.415, 0.402),
        ]),
      response: ScalingResponse(
        firstDecision: at(18, 2, 30), firstInService: at(18, 5), decisionLagSeconds: 95,
        inServiceLagSeconds: 245),
      evidence: ids(1, 7))
  }

  private static func segment(
    _ dimension: String, _ value: LogText, _ excess: Double, _ baseline: Double
  ) -> Composition.Segment {
    Composition.Segment(
      dimension: dimension, value: value, shareOfExcess: excess, baselineShare: baseline,
      shareError: 0.004)
  }

  static var account: CapacityAccount {
    var account = CapacityAccount(
      group: "shop-web", services: [service], mappingLikelihood: 0.99,
      mappingReason: "the only group and the only service", source: .log,
      readySource: "the from of the first decision")
    account.perInstanceRate = 6
    account.perInstanceRateInterval = 5.8...6.2
    account.peakNeeded = 35
    account.peakNeededInterval = 34...37
    account.peakNeededFirstAttempts = 25
    account.peakReady = 15
    account.peakMinute = at(18, 16)
    account.shortfall = 20
    account.shortfallInterval = 19...22
    account.shortfallSpan = TimeSpan(start: at(18, 1), end: at(18, 54))
    account.instanceMinutesShort = 812.5
    account.maximumSize = 15
    account.maximumSource = EvidenceID(6)
    account.ordered = 35
    account.served = 27
    account.steps = [
      CapacityAccount.Step(time: at(18, 6, 5), ready: 15, wanted: 15, evidence: ids(5)),
      CapacityAccount.Step(time: at(18, 29), ready: 18, wanted: 35, evidence: ids(11)),
    ]
    account.refusals = [
      CapacityAccount.Refusals(
        reason: .insufficientCapacity, count: 14, first: at(18, 20, 4), last: at(18, 49, 40),
        evidence: ids(9, 16))
    ]
    account.scaleOuts = [
      CapacityAccount.ScaleOut(
        decision: at(18, 2, 30), from: 10, to: 15, firstLaunch: at(18, 2, 40),
        firstInService: at(18, 5), lastInService: at(18, 6, 5), firstServed: at(18, 5, 10),
        evidence: ids(4, 5))
    ]
    return account
  }
}
