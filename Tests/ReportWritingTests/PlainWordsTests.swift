internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// What a report says of what is not known, known in part, or known of others.
@Suite struct PlainWordsTests {
  private static func markdown(_ change: (inout Analysis) -> Void) -> String {
    var analysis = SampleAnalysis.whole
    change(&analysis)
    return AnalysisCase("changed", analysis).markdown
  }

  private static func row(_ text: String, _ start: String) -> String {
    text.split(separator: "\n").first { $0.hasPrefix("| \(start)") }.map(String.init) ?? ""
  }

  @Test func `repeats that are a lower bound are told as one wherever they stand`() {
    let text = Self.markdown { analysis in
      analysis.incidents[0].impact.repeatsIsLowerBound = true
      analysis.services[0].impact.repeatsIsLowerBound = true
    }
    #expect(Self.row(text, "Repeats of a failed request").contains("at least "))
    #expect(text.contains("| Repeats, at least |"))
    #expect(text.contains("Without repeats: at most "))
    #expect(text.contains("they are not counted as such"))
    let known = Self.markdown { _ in }
    #expect(!known.contains("at least 1") || !Self.row(known, "Repeats of a").contains("at least"))
    #expect(known.contains("| Repeats, about |"))
    #expect(!known.contains("they are not counted as such"))
    #expect(!known.contains("Without repeats: at most "))
  }

  @Test func `no repeat told where only a lower bound is known is not none`() {
    let text = Self.markdown { analysis in
      analysis.incidents[0].impact.repeatsIsLowerBound = true
      analysis.incidents[0].impact.repeats = 0
    }
    #expect(Self.row(text, "Repeats of a failed request").contains("| cannot be told |"))
  }

  @Test func `an interval of nearly all failed requests is no answer`() {
    func told(_ low: Int, _ high: Int) -> String {
      Self.row(
        Self.markdown { analysis in
          analysis.incidents[0].impact.failed = 10_000
          analysis.incidents[0].counterfactuals[0].failedLow = low
          analysis.incidents[0].counterfactuals[0].failedHigh = high
        }, "a maximum of")
    }
    #expect(told(0, 10_000).contains("| cannot be told |"))
    #expect(told(900, 9_900).contains("| cannot be told |"))
    #expect(told(1_200, 10_000).contains("| 1,200 to 10,000 |"))
    #expect(told(10_000, 10_000).contains("| 10,000 |"))
  }

  @Test func `services that failed together are named in the head and counted in a table`() {
    let span = SampleAnalysis.incident.span
    let text = Self.markdown { analysis in
      analysis.incidents[0].others = (1...3).map { number in
        FailingService(
          service: "t\(number).example.com", span: span, requests: 1_000, failed: 100 * number,
          evidence: [EvidenceID(3)])
      }
    }
    let head = Self.row(text, "**Failed with it**")
    #expect(
      head.contains("`t3.example.com` (300 of 1,000), `t2.example.com` (200 of 1,000) and 1 more"),
      "\(head)")
    #expect(Self.row(text, "`t1.example.com`").contains("| 1,000 | 100 | 10.0 | [E3] |"))
    #expect(!Self.markdown { _ in }.contains("Failed with it"))
  }

  @Test func `failures from the first line to the last are told, though no incident is`() {
    func quiet(_ failed: Int) -> String {
      Self.markdown { analysis in
        analysis.incidents = []
        analysis.spikes = []
        for index in analysis.services.indices {
          analysis.services[index].impact = Impact(
            requests: index == 0 ? 10_000 : 0, failed: index == 0 ? failed : 0, throttled: 0,
            abandoned: 0, bytes: 0)
        }
      }
    }
    #expect(quiet(2_300).hasPrefix("# No incident stands out"))
    #expect(
      quiet(2_300).contains(
        "23 % of requests failed: 2,300 of 10,000; no stretch of them stands out as an incident"))
    #expect(quiet(99).hasPrefix("# No incident found"))
  }

  @Test func `the head of a report without an incident tells where answers took longer`() {
    func quiet(_ kind: TimelineEntry.Kind) -> String {
      Self.markdown { analysis in
        analysis.incidents = []
        analysis.spikes = []
        analysis.timeline = Array(analysis.timeline.prefix(1))
        analysis.timeline[0].kind = kind
        analysis.timeline[0].text = "Latency of answered requests goes up"
        analysis.timeline[0].evidence = [EvidenceID(3)]
      }
    }
    let told = Self.row(quiet(.latencyChanged), "**Latency**")
    #expect(told.contains("Latency of answered requests goes up [E3]"), "\(told)")
    #expect(Self.row(quiet(.slowTail), "**Latency**").isEmpty)
  }

  @Test func `a milestone cites its own line and no other`() {
    let text = Self.markdown { analysis in
      analysis.incidents[0].phases.decisionProof = EvidenceID(4)
      analysis.incidents[0].phases.launchProof = EvidenceID(5)
      analysis.incidents[0].phases.inServiceProof = EvidenceID(6)
    }
    #expect(Self.row(text, "Scale-out decided").contains("18:02:30 [E4] |"))
    #expect(Self.row(text, "First launch").contains("18:02:40 [E5] |"))
    #expect(Self.row(text, "First new instance in service").contains("18:05:00 [E6] |"))
  }

  @Test func `a launch before the first failure is told as such`() {
    let text = Self.markdown { analysis in
      analysis.incidents[0].phases.firstDecision = nil
      analysis.incidents[0].phases.firstLaunch = SampleAnalysis.at(18, 0, 35)
    }
    #expect(Self.row(text, "First launch").contains("| 20 s before |"))
  }

  @Test func `what came before the first failure is told as what it was`() {
    func when(_ detections: [Incident.Detection]) -> String {
      Self.row(
        Self.markdown { analysis in
          analysis.incidents[0].detectedBy = detections
          analysis.incidents[0].phases.firstFailure =
            analysis.incidents[0].span.start.advanced(bySeconds: 600)
        }, "**When**")
    }
    #expect(when([.errors, .latency]).contains("Slow at first; failures from"))
    #expect(
      when([.errors, .latency, .trafficLoss]).contains("Requests stayed away at first; fail"))
    #expect(when([.errors, .trafficLoss]).contains("Requests stayed away at first; failures"))
    #expect(!when([.errors]).contains("at first"))
    #expect(!when([.trafficLoss]).contains("at first"))
  }

  @Test func `what the balancer answered is told as a part of the failed`() {
    let text = Self.markdown { analysis in
      analysis.incidents[0].impact.failed = 400
      analysis.incidents[0].impact.shed = 300
    }
    #expect(Self.row(text, "Part of them that").contains("300 (75.0 %)"))
  }

  @Test func `the usual of a day without a rise was learnt before no rise`() {
    func normal(_ change: (inout Analysis) -> Void) -> String {
      Self.markdown { analysis in
        analysis.services[0].normal = NormalSource(
          level: .trailing, span: SampleAnalysis.incident.span, leftOut: nil)
        change(&analysis)
      }
    }
    #expect(normal { _ in }.contains("the hour before the rise"))
    let quiet = normal { analysis in
      analysis.incidents = []
      analysis.spikes = []
    }
    #expect(quiet.contains("the hour before each moment") && !quiet.contains("before the rise"))
  }

  @Test func `stamps of the answer are said to be, and those of the arrival are not`() {
    func inputs(_ stamp: StampMeaning) -> String {
      Self.markdown { analysis in
        for index in analysis.inputs.indices where analysis.inputs[index].kind == .access {
          analysis.inputs[index].stamp = stamp
        }
      }
    }
    #expect(inputs(.completion).contains("stamp a request when it is answered"))
    #expect(!inputs(.arrival).contains("stamp a request when it is answered"))
  }

  @Test func `a port behind a bare address of version 6 is no part of it`() {
    let door = Door(redactor: Redactor(settings: RedactionSettings()))
    let shown = door.admit(
      LogText("lb-1 haproxy[1]: 2001:db8:eb:a2b5::a103:46720 [x]", kind: .line), limit: .path)
    #expect(shown.text == "lb-1 haproxy[1]: client-1:46720 [x]")
  }

  @Test func `what lies outside an incident is said to hold another one of its service`() {
    func text(_ others: [String]) -> String {
      Self.markdown { analysis in
        analysis.incidents += others.enumerated().map { place, service in
          var other = analysis.incidents[0]
          other.id = "I\(place + 2)"
          other.service = service
          other.services = [service]
          other.span = TimeSpan(
            start: SampleAnalysis.at(17, 32 + 10 * place),
            end: SampleAnalysis.at(17, 36 + 10 * place))
          return other
        }
      }
    }
    let holds = "What lies outside it holds the other incident"
    #expect(!text([]).contains(holds))
    #expect(!text(["api.example.com"]).contains(holds))
    #expect(text([SampleAnalysis.service]).contains(holds + "."))
    #expect(text([SampleAnalysis.service, SampleAnalysis.service]).contains(holds + "s."))
  }

  @Test func `without a decision the first instance in service is not told as new`() {
    func text(_ decision: Instant?) -> String {
      Self.markdown { analysis in
        analysis.incidents[0].phases.firstDecision = decision
        analysis.incidents[0].phases.firstInService = nil
        analysis.incidents[0].phases.inServiceProof = nil
        // A row for many cites its first line alone.
        let place = analysis.timeline.firstIndex { $0.kind == .inService }
        place.map { analysis.timeline[$0].evidence = SampleAnalysis.ids(5, 11) }
        place.map { analysis.timeline[$0].count = 5 }
      }
    }
    #expect(Self.row(text(nil), "First instance in service").contains("18:06:05 [E5] |"))
    #expect(Self.row(text(nil), "First new instance").isEmpty)
    #expect(
      Self.row(text(SampleAnalysis.at(18, 2, 30)), "First new instance in service")
        .contains("18:06:05 [E5] |"))
  }

  @Test func `an autoscaler's log that tells of others is not said to be missing`() {
    func text(_ isThere: Bool, _ source: CapacityAccount.Source?) -> String {
      Self.markdown { analysis in
        if !isThere { analysis.inputs.removeAll { $0.kind == .capacity } }
        if let source {
          analysis.capacity[0].source = source
        } else {
          analysis.capacity = []
        }
        analysis.series[0].needed = []
        analysis.series[0].neededFirstAttempts = []
        analysis.series[0].ready = []
        analysis.series[0].wanted = []
        analysis.series[0].maximum = []
        analysis.series[0].serving = []
      }
    }
    for source in [nil, CapacityAccount.Source.inferred] {
      #expect(text(false, source).contains("No autoscaler log was "))
      #expect(!text(true, source).contains("No autoscaler log was "))
      #expect(text(true, source).contains("No autoscaler log of `shop.example.com` was in the inp"))
      #expect(text(false, source).contains("Capacity was not in the inputs."))
      #expect(text(true, source).contains("Capacity of `shop.example.com` was not in the inputs."))
    }
  }

  @Test func `bursts of failures are not said to last all day`() {
    let text = Self.markdown { analysis in
      analysis.incidents = []
      analysis.services[0].usualBursts = UsualFailureBursts(
        count: 8, failed: 20...30, longestSeconds: 40, everySeconds: 600,
        span: SampleAnalysis.window)
    }
    #expect(text.contains("They come all along") && !text.contains("all day"))
  }
}
