import FloodmarkTestSupport
import Foundation
import Testing

/// Archives and standard input through the built command.
struct ArchiveRunTests {
  /// What the tests read of a `report.json`.
  struct Report: Decodable {
    struct Input: Decodable {
      var path: String
      var member: String?
      var container: String?
      var records: Int
      var sha256: String?

      var name: String { member.map { "\(path)!\($0)" } ?? path }
    }
    struct Service: Decodable {
      var requests: Int
      var failed: Int
    }
    struct Evidence: Decodable {
      var file: String
      var member: String?
      var line: Int
      var offset: Int
    }
    var inputs: [Input]
    var services: [Service]
    var evidence: [String: Evidence]
  }

  /// Two members whose lines differ, the second later than the first.
  static let first = Array(ReportTests.lines(minutes: 20).utf8)
  static let second = Array(
    ReportTests.lines(minutes: 20).replacingOccurrences(of: "Jul/2018:17:", with: "Jul/2018:18:")
      .utf8)

  static func tar() throws -> [UInt8] {
    try archive(
      [ArchiveItem("web-2.log", second), ArchiveItem("web-1.log.gz", gzip(first))], as: .tar)
  }

  static func decode(_ run: CommandRun) throws -> Report {
    #expect(run.exitCode == 0, "\(run.errorText)")
    return try JSONDecoder().decode(Report.self, from: Data(run.output))
  }

  /// Feeds the command through a pipe, which can be read once only.
  static func piped(_ bytes: [UInt8], _ arguments: [String]) throws -> CommandRun {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "input")
    return try run(
      "/bin/sh",
      ["-c", "cat -- \"$1\" | { shift; \"$@\"; }", "pipe", path, builtCommand()] + arguments)
  }

  @Test func `every piece of evidence in nested archives leads to its line`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      try archive([ArchiveItem("logs.tar.gz", gzip(Self.tar()))], as: .zip), to: "in/a.zip")
    let made = try ReportTests.report([folder.path + "/in", "--format", "json"])
    try folder.write(made.output, to: "report.json")
    let report = try Self.decode(made)
    #expect(
      report.inputs.map(\.name) == [
        "a.zip!logs.tar.gz!web-1.log.gz", "a.zip!logs.tar.gz!web-2.log",
      ])
    #expect(report.inputs.map(\.container) == ["zip, gzip, tar, gzip", "zip, gzip, tar"])
    #expect(report.evidence.count > 2)
    for (id, entry) in report.evidence {
      let isFirst = entry.member == "logs.tar.gz!web-1.log.gz"
      let lines = (isFirst ? Self.first : Self.second).split(separator: 10)
      let run = try ShowTests.show(folder.path + "/report.json", id, folder.path + "/in", "--raw")
      #expect(run.exitCode == 0, "\(run.errorText)")
      #expect(run.output.dropLast() == lines[entry.line - 1], "\(id)")
    }
    try folder.write(try archive([ArchiveItem("x.log")], as: .zip), to: "in/a.zip")
    let id = try #require(report.evidence.keys.first)
    let gone = try ShowTests.show(folder.path + "/report.json", id, folder.path + "/in")
    #expect(gone.exitCode == 1)
  }

  @Test(arguments: ["plain", "gzip", "xz"])
  func `one log on standard input is read once and whole`(shape: String) throws {
    let bytes =
      switch shape {
      case "gzip": gzip(Self.first, members: 3)
      case "xz": try compressed(Self.first, as: .xz)
      default: Self.first
      }
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: "-")
    let want = try Self.decode(try ReportTests.report([folder.path, "--format", "json"]))
    let runs = [
      try Self.piped(bytes, ["report", "-", "--format", "json"]),
      try ReportTests.report(["-", "--format", "json"], input: bytes),
    ]
    for run in runs {
      let report = try Self.decode(run)
      #expect(report.inputs.map(\.name) == ["-"])
      #expect(report.inputs.map(\.records) == [2_400])
      #expect(report.inputs.map(\.sha256) == want.inputs.map(\.sha256))
      #expect(report.inputs.first?.sha256 != nil)
      #expect(report.services.map(\.failed) == want.services.map(\.failed))
    }
  }

  @Test(arguments: ["tar", "gzip", "zip", "7z"])
  func `an archive on standard input gives all of its members`(shape: String) throws {
    let items = [ArchiveItem("web-2.log", Self.second), ArchiveItem("web-1.log", Self.first)]
    let bytes =
      switch shape {
      case "gzip": gzip(try Self.tar())
      case "zip": try archive(items, as: .zip, isStreamed: true)
      case "7z": try archive(items, as: .sevenZip)
      default: try Self.tar()
      }
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(failing: false, minutes: 15), to: "+.log")
    try folder.write("00:00 nothing\n", to: "a.log")
    let path = folder.path
    let report = try Self.decode(
      try Self.piped(bytes, ["report", path, "-", "--format", "json"]))
    let suffix = shape == "tar" || shape == "gzip" ? ".gz" : ""
    #expect(
      report.inputs.map(\.name) == ["+.log", "-!web-1.log\(suffix)", "-!web-2.log", "a.log"])
    #expect(report.inputs.prefix(3).map(\.records) == [1_800, 2_400, 2_400])
    // Evidence is numbered by its input, whose place only shows once all are known.
    for entry in report.evidence.values where entry.file == "-" {
      let isFirst = entry.member?.hasPrefix("web-1") == true
      let text = isFirst ? Self.first : Self.second
      let starts = entry.offset == 0 || text[entry.offset - 1] == 10
      #expect(starts && text[..<entry.offset].count { $0 == 10 } == entry.line - 1)
    }
    #expect(report.evidence.values.contains { $0.file == "-" })
  }

  @Test func `inspect tells what stands in standard input`() throws {
    let run = try Self.piped(gzip(try Self.tar()), ["inspect", "-"])
    #expect(run.exitCode == 0)
    #expect(run.outputText.contains("-!web-1.log.gz\n  container  gzip, tar, gzip\n"))
    #expect(run.outputText.contains("-!web-2.log\n  container  gzip, tar\n"))
    let empty = try Self.piped([], ["inspect", "-"])
    #expect(empty.outputText.contains("is empty"))
  }

  @Test func `a cut archive keeps what decodes and ends with 2`() throws {
    let folder = try TemporaryFolder()
    let whole = gzip(try Self.tar())
    try folder.write(Array(whole.prefix(whole.count * 9 / 10)), to: "logs.tgz")
    let run = try ReportTests.report([folder.path, "--format", "json"])
    #expect(run.exitCode == 2)
    let report = try JSONDecoder().decode(Report.self, from: Data(run.output))
    #expect(
      report.inputs.map(\.name) == ["logs.tgz", "logs.tgz!web-1.log.gz", "logs.tgz!web-2.log"])
    #expect(report.inputs.last?.records == 2_400)
  }

  @Test func `a process without standard streams reads its archives all the same`() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/web.log"
    try Data(Self.first).write(to: URL(filePath: file))
    let command = try builtCommand()
    func runShell(_ rest: String) throws -> CommandRun {
      try run("/bin/sh", ["-c", "'\(command)' \(rest)"])
    }
    let plain = try runShell("report '\(file)' --format json 2>/dev/null")
    let closed = try runShell("report '\(file)' --format json <&- 2>&-")
    #expect(closed.exitCode == 0)
    #expect(closed.output == plain.output && !closed.output.isEmpty)
    let mute = try runShell("report '\(file)' >&-")
    #expect(mute.exitCode == 1)
    #expect(
      mute.errorText.contains("standard output could not be written to its end: it is closed"))
    let written = try runShell("report '\(file)' --output '\(folder.path)/out' <&- >&- 2>&-")
    #expect(written.exitCode == 0)
    #expect(FileManager.default.fileExists(atPath: folder.path + "/out/report.md"))
    #expect(try Data(contentsOf: URL(filePath: file)) == Data(Self.first))
  }

  @Test func `a disk that is full leaves the old report or none, and says so`() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/web.log"
    let out = folder.path + "/out"
    try Data(Self.first).write(to: URL(filePath: file))
    let command = try builtCommand()
    // A limit of 512 or 1,024 bytes for a file stands in for the disk.
    let line = "ulimit -f 1; '\(command)' report '\(file)' --output '\(out)'"
    let full = try run("/bin/sh", ["-c", line])
    #expect(full.exitCode == 1)
    #expect(full.errorText.contains("report.md' could not be written: File too large"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: out) == [])
    #expect(try runBinary("report", file, "--output", out).exitCode == 0)
    let before = try Data(contentsOf: URL(filePath: out + "/report.md"))
    let again = try run("/bin/sh", ["-c", line + " --force"])
    #expect(again.exitCode == 1)
    #expect(try Data(contentsOf: URL(filePath: out + "/report.md")) == before)
  }
}
