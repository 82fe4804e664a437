import FloodmarkTestSupport
import IncidentModel
import SystemPackage
import Testing
import TrafficTally

@testable import Pipeline

struct ReadingTests {
  static func view(_ paths: [String], threads: Int = 2) async throws -> TrafficView {
    var options = ReadingOptions()
    options.paths = paths
    options.threads = threads
    return try await Reading(options: options, meter: ReadMeter()).view()
  }

  /// Everything of a view as text but the dictionary, whose order of printing means nothing.
  static func ordered(_ view: TrafficView) -> String {
    var view = view
    view.networkClients = [:]
    return String(describing: view)
  }

  static func log(_ service: String, lines: Int, from first: Int = 0) -> String {
    (first..<first + lines).map { index in
      let second = index / 10 % 60
      let minute = index / 600 % 60
      let stamp = "16/Jul/2018:17:\(minute / 10)\(minute % 10):\(second / 10)\(second % 10) +0000"
      let status = index % 40 == 0 ? 503 : 200
      return
        "\(service) 198.51.100.\(index % 250) - - [\(stamp)] \"GET /item/\(index) HTTP/1.1\" \(status) 512 \"-\" \"curl/8.5\"\n"
    }.joined()
  }

  @Test func `the shipped incident is counted to the line`() async throws {
    let view = try await Self.view([Fixture.primeDay])
    let requests = view.services.reduce(0) { sum, service in
      sum + service.buckets.reduce(0) { $0 + $1.counts.requests }
    }
    let failed = view.services.reduce(0) { sum, service in
      sum + service.buckets.reduce(0) { $0 + $1.counts.failed }
    }
    var counted = 0
    var countedFailed = 0
    for name in ["edge-1", "edge-2", "edge-3"] {
      let path = Fixture.primeDay + "/access/\(name).log.gz"
      counted += try countLines(of: path)
      countedFailed += try countLines(of: path, matching: "\" 5[0-9][0-9] [0-9]+ \"")
    }
    let rejected = view.inputs.filter { $0.kind == .access }.reduce(0) { $0 + $1.rejected }
    #expect(requests == counted - rejected)
    #expect(failed == countedFailed)
    #expect(rejected == 3)
  }

  @Test func `threads and the order of paths change nothing`() async throws {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for index in 0..<5 {
      let text = Self.log("shop\(index % 2).example.com", lines: 3_000, from: index * 1_500)
      paths.append(try folder.write(gzip(Array(text.utf8), members: 2), to: "web-\(index).gz"))
    }
    let first = try await Self.view(paths, threads: 1)
    for threads in [2, 8] {
      let again = try await Self.view(paths.reversed(), threads: threads)
      #expect(again.networkClients == first.networkClients)
      #expect(Self.ordered(again) == Self.ordered(first))
    }
    #expect(first.services.map(\.name).sorted() == ["shop0.example.com", "shop1.example.com"])
  }

  @Test func `a copy under another name is counted once and said`() async throws {
    let folder = try TemporaryFolder()
    let text = Self.log("shop.example.com", lines: 2_000)
    _ = try folder.write(text, to: "access.log.1")
    _ = try folder.write(gzip(Array(text.utf8)), to: "access.log.1.gz")
    let view = try await Self.view([folder.path])
    let requests = view.services.flatMap(\.buckets).reduce(0) { $0 + $1.counts.requests }
    #expect(requests == 2_000)
    #expect(view.inputs.count == 2)
    #expect(view.inputs.filter { $0.duplicateOf != nil }.map(\.name.file) == ["access.log.1.gz"])
    #expect(view.inputs.flatMap(\.problems).map(\.kind) == [.duplicate])
  }

  @Test func `a clock that is ahead is set back before anything is counted`() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Self.log("shop.example.com", lines: 600), to: "web.log")
    var options = ReadingOptions()
    options.paths = [folder.path]
    options.clockOffsets = [ClockOffset(pattern: "web*", seconds: 3_600)]
    let view = try await Reading(options: options, meter: ReadMeter()).view()
    let first = try #require(view.services.first?.buckets.first)
    #expect(first.start == CivilTime(year: 2018, month: 7, day: 16, hour: 16).instant().seconds)
  }

  @Test func `an unknown format is refused before anything is read`() async throws {
    var options = ReadingOptions()
    options.paths = ["/nonexistent"]
    options.forcedFormats = [ForcedFormat(pattern: nil, format: "aws-albs")]
    await #expect(throws: RunError.unknownFormat(name: "aws-albs", nearest: "aws-alb")) {
      try await Reading(options: options, meter: ReadMeter()).view()
    }
  }
}

struct OutputFolderTests {
  @Test func `files are written whole and nothing else stays`() throws {
    let place = try TemporaryFolder()
    let folder = try OutputFolder(place.path + "/new/incident")
    try folder.write([("report.md", [1, 2]), ("charts/a.svg", [3])])
    #expect(folder.existing("report.md") == [1, 2])
    #expect(folder.existing("charts/a.svg") == [3])
    let names = try run("/bin/ls", ["-A", folder.path.string]).outputText
    #expect(names == "charts\nreport.md\n")
  }

  @Test func `a target that cannot be replaced leaves the old files`() throws {
    let place = try TemporaryFolder()
    let folder = try OutputFolder(place.path)
    try folder.write([("report.md", [1])])
    _ = try place.write("x", to: "blocked.md/inside")
    #expect(throws: OutputError.self) {
      try folder.write([("blocked.md", [2]), ("report.md", [2])])
    }
    #expect(folder.existing("report.md") == [1])
    let names = try run("/bin/ls", ["-A", place.path]).outputText
    #expect(names == "blocked.md\nreport.md\n")
  }

  @Test func `a file is no folder`() throws {
    let place = try TemporaryFolder()
    let path = try place.write("x", to: "file")
    #expect(throws: OutputError.notAFolder(path: path)) { try OutputFolder(path) }
  }
}

struct ZoneDatabaseTests {
  @Test func `a zone knows both of its offsets`() throws {
    let zone = try #require(ZoneDatabase.zone(named: "America/Los_Angeles"))
    #expect(zone.offset(at: CivilTime(year: 2018, month: 7, day: 16).instant()) == -25_200)
    #expect(zone.offset(at: CivilTime(year: 2018, month: 1, day: 16).instant()) == -28_800)
  }

  @Test(arguments: [("+02:00", 7_200), ("-0730", -27_000), ("Z", 0), ("UTC", 0)])
  func aFixedOffsetIsAZone(name: String, seconds: Int) {
    #expect(ZoneDatabase.zone(named: name)?.offset(at: Instant(seconds: 0)) == seconds)
  }

  @Test(arguments: ["Moon/Tycho", "", "+25:00", "../etc/passwd"])
  func noSuchZone(name: String) {
    #expect(ZoneDatabase.zone(named: name) == nil)
  }
}
