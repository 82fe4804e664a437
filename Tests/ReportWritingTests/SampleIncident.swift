internal import IncidentModel

/// The sample's incident: findings, timeline, evidence, inputs.
extension SampleAnalysis {
  static var incident: Incident {
    var phases = Phases()
    phases.onset = at(18, 0, 55)
    phases.firstDecision = at(18, 2, 30)
    phases.firstLaunch = at(18, 2, 40)
    phases.firstInService = at(18, 5)
    phases.firstFailure = at(18, 1, 20)
    phases.worst = at(18, 16)
    phases.decisionProof = EvidenceID(4)
    phases.launchProof = EvidenceID(4)
    phases.inServiceProof = EvidenceID(5)
    return Incident(
      id: "I1", service: service, services: [service], span: span, startUncertaintySeconds: 1,
      endUncertaintySeconds: 0, endState: .openAtEndOfInput, detectedBy: [.errors],
      cause: .capacityExhausted, spikes: ["S1"], impact: inside, outside: outside, phases: phases,
      worstSpan: TimeSpan(start: at(18, 1), end: at(18, 54)), findings: findings,
      evidence: ids(3, 7, 20),
      counterfactuals: [
        Counterfactual(
          change: .largerMaximum, kind: "a maximum of \(instances: 40) from the start", span: span,
          failedLow: 150_000,
          failedHigh: 210_000, assumptions: ["the provider had room"])
      ])
  }

  static var findings: [Finding] {
    let supported = [capacityExhausted, maximumReached, retryStorm, tooSlow, demandSurge]
    return Cause.allCases.map { cause in
      supported.first { $0.cause == cause } ?? folded(cause)
    }
  }

  private static var capacityExhausted: Finding {
    Finding(
      cause: .capacityExhausted, verdict: .supported, likelihood: Likelihood(0.97), role: .leading,
      span: TimeSpan(start: at(18, 20), end: at(18, 52)), failedShare: 0.62,
      statement:
        "demand rose to \(factor: 4.2) its baseline while the provider had no more instances of that type (18:20–18:49)",
      supporting: [
        Argument(
          sentence: "\(count: 14) of \(count: 17) launches refused for lack of capacity",
          evidence: ids(9, 16), weight: 3),
        Argument(sentence: "a note says so", evidence: ids(10), weight: 0.5),
      ],
      opposing: [
        Argument(
          sentence: "\(count: 3) launches succeeded at \(time: at(18, 29), precisionSeconds: 60)",
          evidence: ids(11), weight: -0.5)
      ])
  }

  private static var maximumReached: Finding {
    Finding(
      cause: .maxSizeReached, verdict: .supported, likelihood: Likelihood(0.93), role: .before,
      span: TimeSpan(start: at(18, 6), end: at(18, 20)), failedShare: 0.30,
      statement: "the group stood at its maximum of \(instances: 15) instances",
      supporting: [
        Argument(
          sentence: "\(instances: 15) instances, “at max” in the notes", evidence: ids(6), weight: 2
        )
      ],
      opposing: [
        Argument(
          sentence: "more room would soon have met the shortage", evidence: ids(9), weight: -0.5)
      ])
  }

  private static var retryStorm: Finding {
    Finding(
      cause: .retryStorm, verdict: .supported, likelihood: Likelihood(0.86), role: .sustaining,
      span: TimeSpan(start: at(18, 20), end: at(18, 54)), failedShare: 0.64,
      statement: "clients repeated failed requests: \(share: 0.418) of the excess demand",
      supporting: [
        Argument(
          sentence: "\(share: 0.418) of the excess are repeats", evidence: ids(12, 13, 14),
          weight: 2)
      ],
      opposing: [
        Argument(
          sentence: "clients without a stable address can look like repeats", evidence: [],
          weight: -0.3)
      ])
  }

  private static var tooSlow: Finding {
    Finding(
      cause: .scalingTooSlow, verdict: .supported, likelihood: Likelihood(0.72),
      role: .firstMinutes, span: TimeSpan(start: at(18, 1), end: at(18, 6)), failedShare: 0.04,
      statement: "capacity arrived after the damage",
      supporting: [
        Argument(
          sentence:
            "failures began \(duration: 25) after the onset, the first new instance came after \(duration: 245)",
          evidence: ids(3, 5), weight: 1)
      ])
  }

  private static var demandSurge: Finding {
    Finding(
      cause: .demandSurge, verdict: .supported, likelihood: Likelihood(0.78), role: .trigger,
      span: TimeSpan(start: at(18, 0), end: at(18, 16)), failedShare: nil,
      statement: "first attempts rose to \(factor: 3.0)",
      supporting: [
        Argument(
          sentence: "all networks and routes rise together", evidence: ids(2, 1), weight: 1)
      ], needs: ["a calendar of sales and mailings"])
  }

  private static func folded(_ cause: Cause) -> Finding {
    if cause == .dependencySlow {
      return Finding(
        cause: cause, verdict: .untestable, likelihood: nil,
        statement: "the access log has no times of upstreams",
        needs: ["upstream response times in the access log"])
    }
    return Finding(
      cause: cause, verdict: cause == .hotEndpoint ? .unsupported : .contradicted,
      likelihood: Likelihood(cause == .hotEndpoint ? 0.08 : 0.01),
      statement: "its signature is not in these logs",
      opposing: [Argument(sentence: "no line of its kind", evidence: ids(20), weight: -3)])
  }

  static var timeline: [TimelineEntry] {
    [
      entry(.spikeOnset, .access, at(18, 0, 55), "Demand leaves its usual range", [1]),
      entry(
        .firstFailure, .access, at(18, 1, 20), "First failed request of the incident", [3],
        mark: "A"),
      entry(
        .scaleOutDecided, .capacity, at(18, 2, 30),
        "Scale-out decided: \(instances: 10) → \(instances: 15) instances", [4]),
      entry(
        .inService, .capacity, at(18, 6, 5),
        "\(instances: 5) instances in service: \(instances: 15) ready", [5]),
      entry(.note, .note, at(18, 7), note("shop-web is at max 15, waiting"), [6], precision: 60),
      entry(
        .spikePeak, .access, at(18, 16), "Peak: \(rate: 210), \(factor: 4.2) the baseline", [7],
        precision: 60),
      entry(
        .configChanged, .capacity, at(18, 19, 10),
        "Configuration changed: maximum \(count: 15) → \(count: 40)", [8], mark: "B"),
      entry(
        .launchFailed, .capacity, at(18, 20, 4),
        "Launch failed: the provider has too little capacity of this type in \(log: LogText("us-east-1b", kind: .name))",
        [9, 16], count: 14, last: at(18, 49, 40)),
      entry(
        .note, .note, at(18, 24), note("Currently out of capacity for scaling"), [10], mark: "C",
        precision: 60),
      entry(
        .inService, .capacity, at(18, 29),
        "\(instances: 3) instances in service: \(instances: 18) ready", [11]),
      entry(
        .note, .note, at(18, 41), note("Looking at scavenging hardware"), [15], mark: "D",
        precision: 60),
      entry(
        .note, .note, at(18, 50), note("got c4.4xlarge from the batch fleet, moving 9 over"), [18],
        precision: 60),
      entry(
        .inService, .capacity, at(18, 52, 10), "\(instances: 3) of \(instances: 9) in service",
        [17], mark: "E"),
      entry(
        .withinCapacity, .access, at(18, 54, 20), "Demand back within ready capacity", [19]),
      entry(.lastLine, .access, at(19, 29, 59), "Last line read", [20]),
    ]
  }

  private static func entry(
    _ kind: TimelineEntry.Kind, _ source: TimelineEntry.Source, _ time: Instant, _ text: Sentence,
    _ evidence: [Int], mark: String? = nil, precision: Int = 1, count: Int = 1,
    last: Instant? = nil
  ) -> TimelineEntry {
    TimelineEntry(
      time: time, kind: kind, source: source, service: source == .access ? service : nil,
      group: source == .capacity ? "shop-web" : nil, text: text,
      evidence: evidence.map { EvidenceID($0) }, mark: mark, precisionSeconds: precision,
      count: count, last: last)
  }

  static var openQuestions: [OpenQuestion] {
    [
      OpenQuestion(
        title:
          "Why \(share: 0.03) of requests still fail after \(time: at(18, 54), precisionSeconds: 60)",
        text: "It would take the application’s own log or upstream times in the access log.",
        evidence: ids(20), needs: ["the application's log"])
    ]
  }

  static var inputs: [InputSummary] {
    func access(_ number: Int, lines: Int, rejected: Int, sha: String) -> InputSummary {
      var input = InputSummary(name: InputName(file: "access/edge-\(number).log.gz"))
      input.kind = .access
      input.format = "combined"
      input.container = "gzip"
      (input.bytes, input.decompressedBytes) = (lines * 20, lines * 200)
      (input.lines, input.records, input.rejected) = (lines, lines - rejected, rejected)
      (input.first, input.last) = (at(17, 30), at(19, 29, 59))
      input.sha256 = String(repeating: sha, count: 8)
      input.stamp = .arrival
      return input
    }
    func other(
      _ file: String, _ kind: InputKind, _ format: String, lines: Int, records: Int,
      _ first: Instant,
      _ last: Instant
    ) -> InputSummary {
      var input = InputSummary(name: InputName(file: file))
      input.kind = kind
      input.format = format
      (input.lines, input.records) = (lines, records)
      (input.first, input.last) = (first, last)
      input.sha256 = String(repeating: "c2b6a5f0", count: 8)
      return input
    }
    return [
      access(1, lines: 288_407, rejected: 0, sha: "3f1c0b8e"),
      access(2, lines: 287_614, rejected: 2, sha: "a94d27c1"),
      access(3, lines: 287_464, rejected: 1, sha: "0d77e9b2"),
      other(
        "capacity/asg-activities.json", .capacity, "aws-asg-activities", lines: 620, records: 31,
        at(18, 2, 30), at(18, 57)),
      other("notes.txt", .notes, "notes", lines: 8, records: 5, at(18, 7), at(18, 58)),
    ]
  }

  static var evidence: [Evidence] {
    let deals =
      #""GET /deals HTTP/1.1" 200 18233 "https://shop.example.com/" "Mozilla/5.0 (iPhone)""#
    let checkout = #""POST /api/checkout?cart=81f2 HTTP/1.1" 503 197 "-" "Mozilla/5.0 (iPhone)""#
    let offers = #""GET /api/offers?id=4711 HTTP/1.1" 503 197 "-" "Mozilla/5.0 (iPhone)""#
    let refused =
      #""StatusMessage": "We currently do not have sufficient c5.4xlarge capacity in the Availability Zone you requested (us-east-1b). Our system will be working on provisioning additional capacity. Launching EC2 instance failed.""#
    func launched(_ instance: String, _ end: String) -> String {
      "\"Description\": \"Launching a new EC2 instance: \(instance)\", \"EndTime\": \"2018-07-16T\(end)Z\", \"StatusCode\": \"Successful\""
    }
    let lines: [(input: Int, line: Int, time: Instant, text: String)] = [
      (1, 30_887, at(18, 0, 55), access("198.51.100.7", "18:00:55", deals)),
      (0, 31_074, at(18, 1, 1), access("198.51.100.9", "18:01:01", deals)),
      (1, 31_387, at(18, 1, 20), access("203.0.113.20", "18:01:20", checkout)),
      (
        3, 612, at(18, 2, 30),
        #""Cause": "At 2018-07-16T18:02:30Z a monitor alarm shop-web-cpu-high in state ALARM triggered policy shop-web-out changing the desired capacity from 10 to 15.""#
      ),
      (3, 538, at(18, 6, 5), launched("i-0f3a91c27be4d8a05", "18:06:05")),
      (4, 1, at(18, 7), "18:07 shop-web is at max 15, waiting"),
      (2, 78_806, at(18, 16, 20), access("203.0.113.77", "18:16:20", deals)),
      (
        3, 507, at(18, 19, 10),
        #""Cause": "At 2018-07-16T18:19:10Z a user request update of AutoScalingGroup constraints to min: 10, max: 40, desired: 35 changing the desired capacity from 15 to 35.""#
      ),
      (3, 512, at(18, 20, 4), refused),
      (4, 3, at(18, 24), "18:24 Currently out of capacity for scaling"),
      (3, 377, at(18, 29), launched("i-0c77d0e1952ab3f44", "18:29:00")),
      (0, 143_350, at(18, 32, 9), access("203.0.113.201", "18:32:09", offers)),
      (0, 143_701, at(18, 32, 14), access("203.0.113.201", "18:32:14", offers)),
      (0, 144_112, at(18, 32, 21), access("203.0.113.201", "18:32:21", offers)),
      (4, 5, at(18, 41), "18:41 Looking at scavenging hardware"),
      (3, 188, at(18, 49, 40), refused),
      (
        3, 164, at(18, 50, 20),
        #""Cause": "At 2018-07-16T18:50:20Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 18 to 19.""#
      ),
      (4, 7, at(18, 50), "18:50 got c4.4xlarge from the batch fleet, moving 9 over"),
      (2, 224_112, at(18, 54, 21), access("198.51.100.66", "18:54:21", deals)),
      (1, 274_946, at(19, 22, 26), access("2001:db8:7::9", "19:22:26", checkout)),
    ]
    return lines.enumerated().map { index, line in
      Evidence(
        id: EvidenceID(index + 1),
        position: LogPosition(input: line.input, line: line.line, offset: line.line * 190),
        time: line.time, precisionSeconds: line.input == 4 ? 60 : 1,
        quote: LogText(line.text, kind: .line), isAccess: line.input < 3)
    }
  }

  private static func access(_ client: String, _ time: String, _ rest: String) -> String {
    "\(client) - - [16/Jul/2018:\(time) +0000] \(rest)"
  }
}
