internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// Analyses at the edges: what is missing, empty, single or far too much.
struct AnalysisCase: CustomTestStringConvertible, Sendable {
  var name: String
  var analysis: Analysis
  var files: [(name: String, text: String)]

  var testDescription: String { name }
  var markdown: String { files[0].text }

  init(_ name: String, _ analysis: Analysis, humans: Bool = true) {
    self.name = name
    self.analysis = analysis
    var options = sampleOptions()
    options.humanSections = humans
    let report = ReportWriter.write(
      analysis, options: options, formats: Set(ReportFormat.allCases))
    files = report.files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) }
  }

  static let all: [AnalysisCase] = [
    AnalysisCase("the sample", SampleAnalysis.whole),
    AnalysisCase("no heading for people", SampleAnalysis.whole, humans: false),
    AnalysisCase("nothing at all", nothing),
    AnalysisCase("no incident", noIncident),
    AnalysisCase("no capacity input", noCapacity),
    AnalysisCase("no durations, no repeats", noDurations),
    AnalysisCase("no notes", noNotes),
    AnalysisCase("one record", oneRecord),
    AnalysisCase("gaps", gaps),
    AnalysisCase("undetermined", undetermined),
    AnalysisCase("three incidents", several(3)),
    AnalysisCase("400 days", longWindow),
    AnalysisCase("hostile names", hostile),
    AnalysisCase("far too much", tooMuch),
  ]

  private static func changed(_ change: (inout Analysis) -> Void) -> Analysis {
    var analysis = SampleAnalysis.whole
    change(&analysis)
    return analysis
  }

  private static var nothing: Analysis {
    let start = Instant(seconds: 0)
    return Analysis(
      options: AnalysisOptions(),
      window: Analysis.Window(span: TimeSpan(start: start, end: start), bucketSeconds: 1),
      inputs: [], services: [], series: [], spikes: [], incidents: [], capacity: [], timeline: [],
      evidence: [], openQuestions: [], coverage: Coverage(), parameters: [])
  }

  private static var noIncident: Analysis {
    changed { analysis in
      analysis.incidents = []
      analysis.spikes[0].outcome = .absorbed
    }
  }

  private static var noCapacity: Analysis {
    changed { analysis in
      analysis.capacity = []
      analysis.timeline.removeAll { $0.source == .capacity }
      analysis.series[0].needed = []
      analysis.series[0].neededFirstAttempts = []
      analysis.series[0].wanted = []
      analysis.series[0].ready = []
      analysis.incidents[0].cause = .demandSurge
    }
  }

  private static var noDurations: Analysis {
    changed { analysis in
      analysis.series[0].p95Milliseconds = []
      analysis.series[0].repeats = Array(repeating: nil, count: 120)
      for path in [\Incident.impact, \Incident.outside] {
        analysis.incidents[0][keyPath: path].p95Milliseconds = nil
        analysis.incidents[0][keyPath: path].p95Minute = nil
        analysis.incidents[0][keyPath: path].repeats = nil
      }
      analysis.spikes[0].composition.retryShare = nil
      analysis.capacity[0].peakNeededFirstAttempts = nil
    }
  }

  private static var noNotes: Analysis {
    changed { analysis in analysis.timeline.removeAll { $0.source == .note } }
  }

  private static var oneRecord: Analysis {
    var analysis = nothing
    let start = SampleAnalysis.at(18, 0)
    analysis.window = Analysis.Window(
      span: TimeSpan(start: start, end: start.advanced(bySeconds: 1)), bucketSeconds: 1)
    let impact = Impact(requests: 1, failed: 1, throttled: 0, abandoned: 0, bytes: 0)
    analysis.services = [ServiceSummary(name: "default", impact: impact)]
    var series = ServiceSeries(service: "default", start: start, bucketSeconds: 1)
    (series.requests, series.failed) = ([1], [1])
    analysis.series = [series]
    analysis.inputs = [SampleAnalysis.inputs[0]]
    return analysis
  }

  private static var gaps: Analysis {
    changed { analysis in
      for minute in 30..<50 {
        analysis.series[0].requests[minute] = nil
        analysis.series[0].failed[minute] = nil
        analysis.series[0].repeats[minute] = nil
        analysis.series[0].ready[minute] = nil
      }
      analysis.coverage.gaps = [
        Coverage.Gap(
          input: nil,
          span: TimeSpan(start: SampleAnalysis.at(18, 0), end: SampleAnalysis.at(18, 20)))
      ]
      analysis.inputs[0].truncatedAt = 1234
      analysis.inputs[0].problems = [
        InputProblem(kind: .truncated, detail: "the gzip member ends early", line: 7)
      ]
    }
  }

  private static var undetermined: Analysis {
    changed { analysis in
      analysis.incidents[0].cause = nil
      for index in analysis.incidents[0].findings.indices {
        analysis.incidents[0].findings[index].verdict = .untestable
        analysis.incidents[0].findings[index].likelihood = nil
        analysis.incidents[0].findings[index].role = nil
        analysis.incidents[0].findings[index].needs = ["the autoscaler’s log"]
      }
      analysis.incidents[0].endState = .recovered
      analysis.spikes = []
      analysis.capacity[0].perInstanceRate = nil
      analysis.capacity[0].peakNeeded = nil
      analysis.capacity[0].shortfall = nil
      analysis.openQuestions = []
    }
  }

  private static func several(_ count: Int) -> Analysis {
    changed { analysis in
      analysis.incidents = (1...count).map { number in
        var incident = SampleAnalysis.incident
        incident.id = "I\(number)"
        incident.impact.failed -= number
        return incident
      }
    }
  }

  private static var longWindow: Analysis {
    changed { analysis in
      let end = SampleAnalysis.window.start.advanced(bySeconds: 400 * 86_400)
      analysis.window = Analysis.Window(
        span: TimeSpan(start: SampleAnalysis.window.start, end: end), bucketSeconds: 3600)
      var series = ServiceSeries(
        service: SampleAnalysis.service, start: SampleAnalysis.window.start, bucketSeconds: 3600)
      series.requests = (0..<9600).map { $0 % 50 }
      series.failed = (0..<9600).map { $0 % 50 / 10 }
      analysis.series = [series]
      analysis.incidents[0].span.end = end
    }
  }

  private static var hostile: Analysis {
    changed { analysis in
      let name = "a|b`c` @octocat #1 <img src=x> \u{202e}\u{1b}[2J ../x"
      analysis.services[0].name = name
      analysis.series[0].service = name
      analysis.capacity[0].services = [name]
      analysis.capacity[0].group = name
      analysis.incidents[0].service = name
      analysis.incidents[0].services = [name]
      analysis.spikes[0].service = name
      analysis.spikes[0].composition.segments[0].value = LogText(name, kind: .path)
      analysis.inputs[0].name = InputName(file: "a\n| b `x`.log", member: "m|\u{7}")
      analysis.timeline[4].text = SampleAnalysis.note(name)
      analysis.capacity[0].refusals[0].reason = .unknown(LogText(name, kind: .message))
      analysis.evidence[3].quote = LogText(name + "\n# x", kind: .line)
      analysis.options.given = [name]
    }
  }

  private static var tooMuch: Analysis {
    var analysis = several(200)
    let name = String(repeating: "long-service-name.", count: 3) + "x.example"
    analysis.services = (0..<500).map {
      ServiceSummary(name: name + "\($0)", impact: SampleAnalysis.total)
    }
    for index in analysis.incidents.indices {
      analysis.incidents[index].service = name
      analysis.incidents[index].services = [name]
    }
    analysis.timeline = (0..<5000).map { number in
      var entry = SampleAnalysis.timeline[number % 12]
      entry.time = SampleAnalysis.window.start.advanced(bySeconds: Double(number))
      entry.evidence = [EvidenceID(number % 400 + 1)]
      entry.mark = number < 26 ? String(UnicodeScalar(UInt8(65 + number))) : nil
      return entry
    }
    analysis.evidence = (0..<400).map { number in
      var evidence = SampleAnalysis.evidence[number % 20]
      evidence.id = EvidenceID(number + 1)
      return evidence
    }
    analysis.inputs += (0..<300).map { number in
      var input = SampleAnalysis.inputs[0]
      input.name = InputName(file: "more/" + name + "-\(number).log.gz")
      input.problems = [InputProblem(kind: .empty, detail: "it holds nothing")]
      return input
    }
    return analysis
  }
}
