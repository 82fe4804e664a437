import ArchiveInput
import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Pipeline

/// Members of archives as inputs of a run.
struct ArchiveReadingTests {
  static func requests(_ view: TrafficView) -> Int {
    view.services.flatMap(\.buckets).reduce(0) { $0 + $1.counts.requests }
  }

  static func log(_ lines: Int, from first: Int = 0) -> [UInt8] {
    Array(ReadingTests.log("shop.example.com", lines: lines, from: first).utf8)
  }

  @Test func `members of nested archives are inputs of their own`() async throws {
    let folder = try TemporaryFolder()
    let inner = gzip(
      try archive(
        [
          ArchiveItem("web-2.log", Self.log(300, from: 1_000)),
          ArchiveItem("web-1.log", Self.log(200) + Array("no log line\n".utf8)),
        ], as: .tar))
    let outer = try archive(
      [
        ArchiveItem("logs.tar.gz", inner),
        ArchiveItem("a.log.xz", compressed(Self.log(100, from: 2_000), as: .xz)),
      ], as: .zip)
    try folder.write(outer, to: "a.zip")
    try folder.write(Self.log(50, from: 3_000), to: "plain.log")
    let view = try await ReadingTests.view([folder.path])
    #expect(Self.requests(view) == 650)
    #expect(
      view.inputs.map(\.name.joined) == [
        "a.zip!a.log.xz", "a.zip!logs.tar.gz!web-1.log", "a.zip!logs.tar.gz!web-2.log",
        "plain.log",
      ])
    #expect(view.inputs.map(\.records) == [100, 200, 300, 50])
    #expect(view.inputs.map(\.container) == ["zip, xz", "zip, gzip, tar", "zip, gzip, tar", nil])
    #expect(view.inputs.allSatisfy { $0.problems.isEmpty })
    #expect(Set(view.inputs.prefix(3).map(\.sha256)).count == 1)
    #expect(view.inputs.prefix(3).allSatisfy { $0.bytes == outer.count && $0.sha256 != nil })
    #expect(
      view.rejected.map(\.first) == [LogPosition(input: 1, line: 201, offset: Self.log(200).count)])
    // A position leads to the input that holds the line.
    let samples = view.services.flatMap(\.sample).flatMap(\.requests)
    #expect(Set(samples.map(\.position.input)) == [0, 1, 2, 3])
    for sample in samples {
      guard let text = sample.text else { continue }
      let line = String(decoding: text.bytes, as: UTF8.self)
      let first = [2_000, 0, 1_000, 3_000][sample.position.input]
      #expect(line.contains("/item/\(first + sample.position.line - 1) "))
    }
  }

  @Test func `archives give the same for any number of threads and order of paths`() async throws {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for number in 0..<4 {
      let items = (0..<3).map {
        ArchiveItem("web-\(2 - $0).log", Self.log(400, from: number * 1_200 + $0 * 400))
      }
      let shape: ArchiveShape = number.isMultiple(of: 2) ? .tar : .zip
      let bytes = try archive(items, as: shape)
      paths.append(
        try folder.write(number == 2 ? gzip(bytes) : bytes, to: "host-\(3 - number).bin"))
    }
    let first = try await ReadingTests.view(paths, threads: 1)
    #expect(Self.requests(first) == 4_800)
    #expect(first.inputs.map(\.name) == first.inputs.map(\.name).sorted())
    for threads in [2, 8] {
      let again = try await ReadingTests.view(paths.reversed(), threads: threads)
      #expect(ReadingTests.ordered(again) == ReadingTests.ordered(first))
    }
  }

  @Test func `archives give the same whether they were looked into beforehand or not`()
    async throws
  {
    let folder = try TemporaryFolder()
    for number in 0..<3 {
      // Equal stamps in all of them, so that ties are settled by place.
      let items = (0..<3).map {
        ArchiveItem("web-\(2 - $0).log", Self.log(400, from: (number * 3 + $0) * 7))
      }
      let notes = "2018-07-16 17:0\(number) UTC phones ring\n2018-07-16 17:09 UTC all is well\n"
      let tar = try archive(
        items + [ArchiveItem("notes-\(number).md", Array(notes.utf8))], as: .tar)
      try folder.write(number == 1 ? gzip(tar) : compressed(tar, as: .xz), to: "\(number).tgz")
    }
    try folder.write(
      try archive([ArchiveItem("z.log", Self.log(50, from: 900))], as: .zip), to: "0.zip")
    var options = ReadingOptions()
    options.paths = [folder.path]
    var views: [String] = []
    for threads in [1, 3] {
      options.threads = threads
      let reading = Reading(options: options, meter: ReadMeter())
      let found = try options.found()
      for skips in [false, true] {
        let tally = try #require(try await reading.tally(of: found, skippingStreams: skips))
        let view = tally.use { $0.view() }
        #expect(view.inputs.count == 13)
        #expect(view.inputs.map(\.name) == view.inputs.map(\.name).sorted())
        #expect(view.events.count == 4, "notes that say the same are one")
        views.append(ReadingTests.ordered(view))
      }
    }
    #expect(Set(views).count == 1)
  }

  @Test func `a copy in a file that was not looked into has everything counted anew`() async throws
  {
    let folder = try TemporaryFolder()
    let tar = try archive(
      [ArchiveItem("a.log", Self.log(100)), ArchiveItem("b.log", Self.log(60))], as: .tar)
    try folder.write(gzip(tar), to: "x.tgz")
    var options = ReadingOptions()
    options.paths = [folder.path]
    let found = try options.found()
    let meter = ReadMeter()
    let reading = Reading(options: options, meter: meter)
    #expect(try await reading.tally(of: found, skippingStreams: true) == nil)
    let view = try await reading.view()
    #expect(Self.requests(view) == 100)
    #expect(view.inputs.compactMap(\.duplicateOf) == [0])
  }

  @Test func `a member that another file or archive holds too is counted once`() async throws {
    let folder = try TemporaryFolder()
    let short = Self.log(100)
    let long = Self.log(3_000, from: 5_000)
    try folder.write(
      gzip(
        try archive(
          [ArchiveItem("access.log", short), ArchiveItem("long.log", long)], as: .tar)),
      to: "monday.tar.gz")
    try folder.write(
      try archive(
        [ArchiveItem("again.log", short), ArchiveItem("long.log.gz", gzip(long))], as: .zip),
      to: "tuesday.zip")
    try folder.write(long, to: "a-long.log")
    let view = try await ReadingTests.view([folder.path])
    #expect(Self.requests(view) == 3_100)
    let copies = view.inputs.filter { $0.duplicateOf != nil }
    #expect(
      copies.map(\.name.joined) == [
        "monday.tar.gz!long.log", "tuesday.zip!again.log", "tuesday.zip!long.log.gz",
      ])
    let originals = copies.compactMap { $0.duplicateOf.map { view.inputs[$0].name.joined } }
    #expect(originals == ["a-long.log", "monday.tar.gz!access.log", "a-long.log"])
    #expect(copies.flatMap(\.problems).map(\.kind) == [.duplicate, .duplicate, .duplicate])
  }

  @Test func `an archive that is there twice is one row that says so`() async throws {
    let folder = try TemporaryFolder()
    let items = (0..<5).map { ArchiveItem("\($0).log", Self.log(50, from: $0 * 50)) }
    let tar = gzip(try archive(items, as: .tar))
    for name in ["a.tgz", "b/backup.tgz", "c.bin"] { try folder.write(tar, to: name) }
    // As long, and not the same.
    var other = tar
    other[4] ^= 1
    try folder.write(other, to: "d.tgz")
    let view = try await ReadingTests.view([folder.path])
    #expect(Self.requests(view) == 250)
    let copies = view.inputs.filter { $0.duplicateOf != nil }
    #expect(
      copies.map(\.name.joined)
        == ["b/backup.tgz", "c.bin"] + (0..<5).map { "d.tgz!\($0).log" })
    let originals = copies.compactMap { $0.duplicateOf.map { view.inputs[$0].name.joined } }
    #expect(originals == ["a.tgz", "a.tgz"] + (0..<5).map { "a.tgz!\($0).log" })
  }

  @Test(arguments: [3, 100, 2_500])
  func `a copy that is the beginning of another is counted once and said`(
    lines: Int
  ) async throws {
    let folder = try TemporaryFolder()
    let whole = Self.log(3_000)
    let beginning = Self.log(lines)
    try folder.write(beginning, to: "access.log.1")
    try folder.write(gzip(whole), to: "access.log.1.gz")
    try folder.write(
      try archive([ArchiveItem("access.log", Array(whole.prefix(beginning.count + 30)))], as: .tar),
      to: "b.tar")
    // The same first lines, and then another: no copy.
    try folder.write(beginning + Self.log(200, from: 9_000), to: "other.log")
    let view = try await ReadingTests.view([folder.path])
    #expect(Self.requests(view) == 3_000 + lines + 200)
    let copies = view.inputs.filter { $0.duplicateOf != nil }
    #expect(copies.map(\.name.joined) == ["access.log.1", "b.tar!access.log"])
    #expect(
      copies.compactMap { $0.duplicateOf.map { view.inputs[$0].name.joined } }
        == ["access.log.1.gz", "access.log.1.gz"])
    #expect(
      copies.first?.problems.first?.detail.pieces.contains(.count(beginning.count)) == true)
  }

  @Test func `empty members are no copies of anything`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "a.log")
    try folder.write("", to: "b.log")
    try folder.write(try archive([ArchiveItem("c.log")], as: .zip), to: "c.zip")
    try folder.write(Self.log(10), to: "d.log")
    let view = try await ReadingTests.view([folder.path])
    #expect(view.inputs.allSatisfy { $0.duplicateOf == nil })
    #expect(view.inputs.flatMap(\.problems).map(\.kind) == [.empty, .empty, .empty])
  }

  @Test func `an archive with something to tell of itself has a row of its own`() async throws {
    let folder = try TemporaryFolder()
    let secret = try archive(
      [ArchiveItem("s.log", Self.log(5))], as: .zip, password: "correct horse")
    try folder.write(secret, to: "secret.zip")
    try folder.write(try archive([], as: .zip), to: "empty.zip")
    let tar = try archive(
      [ArchiveItem("web.log", Self.log(400)), ArchiveItem("x", kind: .link(to: "/etc/passwd"))],
      as: .tar)
    try folder.write(tar, to: "links.tar")
    let whole = gzip(try archive([ArchiveItem("web.log", Self.log(900, from: 4_000))], as: .tar))
    try folder.write(Array(whole.prefix(whole.count / 2)), to: "cut.tgz")
    let view = try await ReadingTests.view([folder.path])
    let rows = view.inputs.flatMap { input in
      input.problems.map { "\(input.name.joined): \($0.kind.rawValue)" }
    }
    #expect(
      rows == [
        "cut.tgz: truncated", "cut.tgz!web.log: truncated",
        "empty.zip: empty", "links.tar: notRegular", "secret.zip!s.log: encrypted",
      ])
    #expect(
      view.inputs.filter { $0.kind == .access }.map(\.name.joined) == [
        "cut.tgz!web.log", "links.tar!web.log",
      ])
    #expect(view.inputs.allSatisfy { $0.bytes > 0 && $0.sha256 != nil })
  }

  @Test func `formats and clocks may be named for a member or for its archive`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      try archive(
        [ArchiveItem("a.log", Self.log(60)), ArchiveItem("b.log", Self.log(60, from: 9_000))],
        as: .tar), to: "x.tar")
    for (pattern, hours) in [
      ("x.tar", [16, 16]), ("x.tar!a.log", [16, 17]), ("*b.log", [17, 16]),
    ] {
      var options = ReadingOptions()
      options.paths = [folder.path]
      options.clockOffsets = [ClockOffset(pattern: pattern, seconds: 3_600)]
      let view = try await Reading(options: options, meter: ReadMeter()).view()
      #expect(view.inputs.compactMap { $0.first.map { CivilTime($0).hour } } == hours)
    }
  }

  @Test func `inspect shows each member and what its archive has to tell`() async throws {
    let folder = try TemporaryFolder()
    let secret = try archive(
      [ArchiveItem("s.log", Self.log(5))], as: .zip, password: "correct horse")
    try folder.write(
      try archive(
        [ArchiveItem("web.log", Self.log(40)), ArchiveItem("in.zip", secret)], as: .tar),
      to: "x.tar")
    var options = ReadingOptions()
    options.paths = [folder.path]
    let inspection = try Inspection(options: options, meter: ReadMeter())
    let rows = try await inspection.rows()
    #expect(rows.map(\.summary.name.joined) == ["x.tar!in.zip!s.log", "x.tar!web.log"])
    #expect(rows.map(\.summary.records) == [0, 40])
    #expect(rows.map { $0.summary.problems.map(\.kind) } == [[.encrypted], []])
  }
}
