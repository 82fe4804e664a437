import FoundationEssentials
import IncidentModel
import Testing

@testable import LogFormats

private let formats = FormatRegistry.capacity

/// Real lines beside the package; absent elsewhere.
private let samples = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "shared/data/formats")

private let hasSamples = FileManager.default.fileExists(atPath: samples.path)

struct CapacityFuzzTests {
  private let seeds = [
    AwsAsgActivities.example, AwsAsgDescribe.example, ClusterAutoscaler.example,
    CapacityJSONLines.example, Changes.example, Alerts.example, Notes.example,
    "time,kind,group,from,to", "2018-07-16T18:02:30Z,scale_out,web,999999999999,-1", "# 2018-07-16",
    "alice  5:46 PM", #"{"ts":"1531763160.000200","text":"out of capacity"}"#,
    "I0716 18:02:30.975037 1 a.go:1] Decreasing size of g, expected=999999999 current=0 delta=-9",
    "W0229 23:59:60.999999 1 a.go:1] Disabling scale-up for node group g until 2019-01-01 00:00:00 "
      + "+0000 UTC",
  ].map { Array($0.utf8) }

  @Test func `mutated lines never crash, and what is told is bounded`() {
    var random = CapacityRandom(state: 1_531_763_160)
    for format in formats {
      for round in 0..<120 {
        let lines = (0..<4).map { _ in random.mutated(seeds.randomElement(using: &random) ?? []) }
        let reading = CapacityReading(format, lines)
        let isBounded = reading.events.allSatisfy {
          $0.text.bytes.count <= 1024 && $0.count >= 1
        }
        #expect(isBounded, "seed 1531763160, \(format.name), round \(round)")
        for line in lines { _ = format.isUnmistakable(line.span, envelope: "") }
      }
    }
  }

  @Test func `each example is taken by its own format`() {
    for format in formats where format.name != CapacityCSV.name {
      let reading = CapacityReading(format, [format.example])
      #expect(!reading.events.isEmpty, "\(format.name)")
      #expect(isUnmistakable(format, format.example))
    }
  }

  @Test(
    .enabled(if: hasSamples),
    arguments: [
      ("aws-asg-activities", "aws-asg-activities", 4), ("aws-asg-describe", "aws-asg-describe", 2),
      ("cluster-autoscaler-klog", "cluster-autoscaler", 2),
    ])
  func `real samples are read whole`(folder: String, name: String, count: Int) throws {
    let format = try #require(formats.first { $0.name == name })
    let path = samples.appending(path: folder)
    var events: [CapacityEvent] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: path.path).sorted() {
      let bytes = Array(try Data(contentsOf: path.appending(path: file)))
      let lines: [[UInt8]]
      if file.hasSuffix(".json") {
        var splitter = DocumentSplitter(envelopes: format.envelopes)
        lines = (splitter.consume(bytes.span) + splitter.finish()).map(\.bytes)
      } else {
        lines = bytes.split(separator: 0x0A).map { Array($0) }
      }
      let reading = CapacityReading(format, lines)
      #expect(reading.reasons.isEmpty)
      events += reading.events
    }
    #expect(events.count == count)
  }
}
