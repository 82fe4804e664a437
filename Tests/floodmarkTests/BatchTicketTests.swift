import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark attach --batch`: from the reports of a batch to tickets.
struct BatchTicketTests {
  static func attach(_ arguments: [String]) throws -> CommandRun {
    try run(
      builtCommand(), ["attach"] + arguments,
      environment: ["FLOODMARK_TRACKERS": "", "XDG_CONFIG_HOME": "/nonexistent"])
  }

  /// Reports of three archives, one of which is quiet, and what their `floodmark.yaml` say.
  private static func batch(
    _ tickets: [String: String], in folder: borrowing TemporaryFolder
  ) throws {
    for name in ["tenant-a", "tenant-b"] {
      try folder.write(ReportTests.lines(), to: "root/\(name)/web.log")
    }
    try folder.write(ReportTests.lines(failing: false), to: "root/quiet/web.log")
    for (name, ticket) in tickets {
      try folder.write("ticket: \(ticket)\n", to: "root/\(name)/floodmark.yaml")
    }
    #expect(try BatchTests.batch(folder.path + "/root", folder.path + "/out").exitCode == 0)
  }

  private static func files(_ folder: borrowing TemporaryFolder, _ name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + name)) ?? [])
      .sorted()
  }

  @Test func `one failing ticket stops none of the others, and a second run posts nothing`() throws
  {
    let folder = try TemporaryFolder()
    let place = folder.path + "/tickets/"
    try Self.batch(
      [
        "tenant-a": "'github:octo-org/shop#12'", "tenant-b": "'file:\(place)b'",
        "quiet": "'file:\(place)quiet'",
      ], in: folder)
    let arguments = ["--batch", folder.path + "/out", "--tickets", folder.path + "/root"]
    let first = try Self.attach(arguments)
    #expect(first.exitCode == 1)
    #expect(first.errorText.contains("tenant-a: FLOODMARK_GITHUB_TOKEN is not set"))
    #expect(first.errorText.contains("1 attached, 1 without an incident, 1 failed."))
    #expect(first.outputText.contains("tenant-b: attached: "))
    let written = ((try? FileManager.default.subpathsOfDirectory(atPath: place + "b")) ?? [])
      .sorted()
    #expect(written.contains { $0.hasSuffix("/report.md") })
    #expect(!written.contains { $0.contains("index") })
    #expect(Self.files(folder, "tickets/quiet").isEmpty)
    let again = try Self.attach(arguments)
    #expect(again.outputText.contains("tenant-b: hangs there already"))
    let after = (try FileManager.default.subpathsOfDirectory(atPath: place + "b")).sorted()
    #expect(after == written)
  }

  @Test func `an archive's own file decides nothing unless it is named`() throws {
    let folder = try TemporaryFolder()
    try Self.batch(["tenant-a": "'file:\(folder.path)/tickets'"], in: folder)
    let run = try Self.attach(["--batch", folder.path + "/out"])
    #expect(run.exitCode == 0)
    #expect(run.errorText.contains("3 without a ticket."))
    #expect(Self.files(folder, "tickets").isEmpty)
    try folder.write("ticket: 'file:\(folder.path)/own'\n", to: "out/tenant-a/floodmark.yaml")
    #expect(try Self.attach(["--batch", folder.path + "/out"]).exitCode == 0)
    #expect(!Self.files(folder, "own").isEmpty)
  }

  @Test func `nothing is sent where it is only shown`() throws {
    let folder = try TemporaryFolder()
    try Self.batch(["tenant-a": "'file:\(folder.path)/tickets'"], in: folder)
    let run = try Self.attach(
      ["--batch", folder.path + "/out", "--tickets", folder.path + "/root", "--dry-run"])
    #expect(run.exitCode == 0)
    #expect(run.outputText.contains("== tenant-a\nTo: file:"))
    #expect(run.errorText.contains("1 would be attached, 2 without a ticket. Nothing was sent."))
    #expect(Self.files(folder, "tickets").isEmpty)
  }

  @Test
  func `a ticket that is none, and an option that its tracker lacks, are failures of their folder`()
    throws
  {
    let folder = try TemporaryFolder()
    try Self.batch(
      ["tenant-a": "elsewhere", "tenant-b": "'file:\(folder.path)/tickets'"], in: folder)
    let run = try Self.attach(
      ["--batch", folder.path + "/out", "--tickets", folder.path + "/root", "--internal"])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("tenant-a: its ticket 'elsewhere'"))
    #expect(run.errorText.contains("tenant-b: --internal is not for this tracker"))
    #expect(Self.files(folder, "tickets").isEmpty)
  }

  @Test func `the folder of a batch is no report`() throws {
    let folder = try TemporaryFolder()
    try Self.batch([:], in: folder)
    let run = try Self.attach([folder.path + "/out", "--to", "file:\(folder.path)/tickets"])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("give --batch"))
    #expect(
      try Self.attach(["--batch", folder.path + "/root"]).errorText.contains("holds no folder"))
  }

  @Test(arguments: [
    ["x", "--batch", "y"], ["--batch", "y", "--to", "file:z"], ["x"], ["--to", "file:z"],
    ["x", "--to", "file:z", "--tickets", "y"], ["x", "--to", "file:z", "--files", "gist"],
    ["x", "--to", "github:a/b#1", "--files", "branch:../x"],
  ])
  func optionsThatDoNotGoTogetherAreRefused(arguments: [String]) throws {
    #expect(try Self.attach(arguments).exitCode == 64)
  }
}
