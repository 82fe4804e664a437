import FloodmarkTestSupport
import Foundation
import Testing

/// Tallies on disk, by the built command: made, merged, reported on, and refused.
struct TallyTests {
  /// Files of the shipped incident.
  private static let parts = [
    "access/edge-1.log.gz", "access/edge-2.log.gz", "access/edge-3.log.gz",
    "capacity/asg-activities.json", "notes.txt",
  ].map { Fixture.primeDay + "/" + $0 }

  @discardableResult
  private static func ran(
    _ arguments: [String], input: [UInt8] = [], exitCode: Int32 = 0
  ) throws -> CommandRun {
    let run = try run(builtCommand(), arguments, input: input)
    #expect(run.exitCode == exitCode, "\(arguments): \(run.errorText)")
    return run
  }

  /// The report on some PATHs as JSON, in which all numbers stand.
  private static func report(_ paths: [String], _ options: [String] = []) throws -> [UInt8] {
    try ran(["report", "--format", "json"] + paths + options).output
  }

  private static func log(_ host: String, lines: Range<Int> = 0..<400) -> String {
    lines.map { index in
      let second = index % 60 < 10 ? "0\(index % 60)" : "\(index % 60)"
      let minute = 10 + index / 60 % 50
      return
        "\(host) 198.51.100.\(index % 200) - - [16/Jul/2018:17:\(minute):\(second) +0000] \"GET /deals?p=\(index) HTTP/1.1\" \(index % 50 == 0 ? 503 : 200) 18233 \"-\" \"Mozilla/5.0\"\n"
    }.joined()
  }

  @Test func `the shipped incident reports the same from its tally`() throws {
    let folder = try TemporaryFolder()
    let tally = folder.path + "/all.tally"
    let run = try Self.ran(["tally", Fixture.primeDay, "--output", tally])
    #expect(run.errorText.contains("5 inputs") && run.errorText.contains("only you can read it"))
    let mode = try FileManager.default.attributesOfItem(atPath: tally)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try Self.report([tally]) == Self.report([Fixture.primeDay]))
    // And its evidence still leads to the archives.
    _ = try folder.write(Self.ran(["report", tally, "--format", "json"]).output, to: "r.json")
    try Self.ran(["verify", folder.path + "/r.json", Fixture.primeDay])
    let shown = try Self.ran(["show", folder.path + "/r.json", "E1", Fixture.primeDay])
    #expect(!shown.output.isEmpty)
  }

  @Test(
    arguments: GoldenIncident.all.filter {
      ["stock-out-kubernetes", "quota"].contains($0.name)
    })
  func `a simulated incident reports the same from its tally`(_ incident: GoldenIncident) throws {
    let folder = try TemporaryFolder()
    let logs = folder.path + "/logs"
    for archive in incident.archives { try archive.make().writeLogs(to: logs) }
    let tally = folder.path + "/all.tally"
    try Self.ran(["tally", logs, "--output", tally, "--threads", "3"])
    #expect(try Self.report([tally]) == Self.report([logs]), "\(incident.name)")
  }

  @Test func `any order and tree of merging gives the same bytes, and the same report`() throws {
    let folder = try TemporaryFolder()
    func place(_ name: String) -> String { "\(folder.path)/\(name).tally" }
    for (index, part) in Self.parts.enumerated() {
      try Self.ran(["tally", part, "--output", place("\(index)")])
    }
    func merge(_ names: [String], _ output: String) throws -> Data {
      try Self.ran(["merge"] + names.map(place) + ["--output", place(output)])
      return try Data(contentsOf: URL(filePath: place(output)))
    }
    let flat = try merge(["0", "1", "2", "3", "4"], "flat")
    #expect(try merge(["4", "2", "0", "3", "1"], "backward") == flat)
    _ = try merge(["3", "1"], "a")
    _ = try merge(["4", "a"], "b")
    _ = try merge(["2", "0"], "c")
    #expect(try merge(["c", "b"], "tree") == flat)
    try Self.ran(["tally"] + Self.parts + ["--output", place("whole")])
    #expect(try Data(contentsOf: URL(filePath: place("whole"))) == flat)
    let want = try Self.report(Self.parts)
    #expect(try Self.report([place("flat")]) == want)
    #expect(try Self.report([place("c"), place("3"), place("1"), place("4")]) == want)
    // Mixed with archives.
    #expect(try Self.report([place("b"), Self.parts[0], Self.parts[2]]) == want)
    #expect(try Self.report([place("3")] + Self.parts[0...2] + [Self.parts[4]]) == want)
  }

  @Test func `a baseline stands beside a tally as beside archives`() throws {
    let folder = try TemporaryFolder()
    let archive = SimulatedArchive(
      SimulatedIncident(IncidentPlan(scenario: .capacityExhausted, seed: 41)),
      access: .nginxTimed, capacity: .awsActivities, packing: .plain)
    try archive.writeLogs(to: folder.path + "/logs")
    let day = try folder.write(
      Self.log("shop.example.com").replacing("16/Jul", with: "15/Jul"), to: "earlier/web.log")
    try Self.ran(["tally", folder.path + "/logs", "--output", folder.path + "/t"])
    let options = ["--baseline", day]
    #expect(
      try Self.report([folder.path + "/t"], options)
        == Self.report([folder.path + "/logs"], options))
    let refused = try Self.ran(
      ["report", day, "--baseline", folder.path + "/t"], exitCode: 1)
    #expect(refused.errorText.contains("--baseline wants archives"))
  }

  @Test func `standard input and files take the name that is given`() throws {
    let folder = try TemporaryFolder()
    let log = Array(Self.log("shop.example.com").utf8)
    let path = try folder.write(log, to: "web-1/access.log")
    try Self.ran(
      ["tally", "-", "--name", "web-1/access.log", "--output", folder.path + "/a"], input: log)
    try Self.ran(["tally", path, "--name", "web-1", "--output", folder.path + "/b"])
    let streamed = try Self.report([folder.path + "/a"])
    #expect(String(decoding: streamed, as: UTF8.self).contains("\"web-1/access.log\""))
    // A stream and a file of the same bytes differ in nothing but the size on disk that is known.
    let read = try Self.report([folder.path + "/b"])
    #expect(read == streamed)
    for name in ["", "/etc", "a/../b", "."] {
      try Self.ran(
        ["tally", path, "--name", name, "--output", folder.path + "/c"], exitCode: 64)
    }
  }

  @Test func `what is held twice is refused and named`() throws {
    let folder = try TemporaryFolder()
    func tally(_ text: String, _ name: String) throws -> String {
      let file = try folder.write(text, to: "\(name)/\(name).log")
      try Self.ran(["tally", file, "--output", "\(folder.path)/\(name).tally"])
      return "\(folder.path)/\(name).tally"
    }
    let log = Self.log("shop.example.com")
    let one = try tally(log, "one")
    let copy = try tally(log, "copy")
    let beginning = try tally(
      Self.log("shop.example.com", lines: 0..<300), "beginning")
    let other = try tally(Self.log("shop.example.com", lines: 400..<500), "other")
    for twin in [copy, beginning] {
      for pair in [[one, twin], [twin, one]] {
        let run = try Self.ran(["merge"] + pair + ["--output", folder.path + "/no"], exitCode: 1)
        #expect(run.errorText.contains("one.log") && run.errorText.contains("both hold"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/no"))
        try Self.ran(["report"] + pair, exitCode: 1)
      }
    }
    try Self.ran(["merge", one, other, "--output", folder.path + "/yes"])
    let mixed = try Self.ran(["report", one, folder.path + "/copy/copy.log"], exitCode: 1)
    #expect(mixed.errorText.contains("what is read beside it"))
  }

  @Test func `two inputs of one name want names of their own`() throws {
    let folder = try TemporaryFolder()
    var (plain, named): ([String], [String]) = ([], [])
    for host in ["web-1", "web-2"] {
      let file = try folder.write(Self.log("\(host).example.com"), to: "\(host)/access.log")
      plain.append("\(folder.path)/\(host).tally")
      named.append("\(folder.path)/\(host)-named.tally")
      try Self.ran(["tally", file, "--output", plain[plain.count - 1]])
      try Self.ran(["tally", file, "--name", host, "--output", named[named.count - 1]])
    }
    let run = try Self.ran(["report"] + plain, exitCode: 1)
    #expect(run.errorText.contains("'access.log'") && run.errorText.contains("--name"))
    let folders = ["web-1", "web-2"].map { "\(folder.path)/\($0)" }
    #expect(try Self.report(named) == Self.report(folders))
  }

  @Test func `other options are refused, and the message says which`() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(Self.log("shop.example.com"), to: "a.log")
    let more = try folder.write(
      Self.log("shop.example.com", lines: 500..<700), to: "b.log")
    try Self.ran(["tally", more, "--output", folder.path + "/plain"])
    for (option, value) in [
      ("--input-time-zone", "Europe/Berlin"), ("--service-by", "member"), ("--clock", "a.log=60"),
      ("--log-format", "vhost-combined"), ("--max-expansion", "77"),
    ] {
      let other = folder.path + "/other"
      try Self.ran(["tally", log, option, value, "--output", other])
      let merged = try Self.ran(
        ["merge", folder.path + "/plain", other, "--output", folder.path + "/no"], exitCode: 1)
      #expect(merged.errorText.contains(option), "\(merged.errorText)")
      let mixed = try Self.ran(["report", other, more], exitCode: 1)
      #expect(mixed.errorText.contains(option) && mixed.errorText.contains("this run"))
      if option == "--max-expansion" { continue }
      // Alone, or with the same option, it is as good as the archive.
      let want = try Self.report([log], [option, value])
      #expect(try Self.report([other]) == want, "\(option)")
      if option == "--clock" {
        #expect(try Self.report([other], [option, value]) == want, "\(option)")
      }
    }
  }

  @Test func `a later version, a damaged file and no tally at all are told apart`() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(Self.log("shop.example.com"), to: "a.log")
    let path = folder.path + "/a.tally"
    try Self.ran(["tally", log, "--output", path])
    let good = try folder.read("a.tally")
    var later = good
    later[16] = 2
    let new = try Self.ran(["report", try folder.write(later, to: "later")], exitCode: 1)
    #expect(new.errorText.contains("format 2") && new.errorText.contains("newer version"))
    for place in [30, good.count / 2, good.count - 40, good.count - 1] {
      var bad = good
      bad[place] ^= 0x10
      let run = try Self.ran(["report", try folder.write(bad, to: "bad")], exitCode: 1)
      #expect(run.errorText.contains("is damaged at byte"), "\(place): \(run.errorText)")
    }
    for length in [18, 40, good.count / 3, good.count - 1] {
      let cut = try folder.write(Array(good.prefix(length)), to: "cut")
      let run = try Self.ran(["report", cut], exitCode: 1)
      #expect(run.errorText.contains("is damaged at byte"), "\(length): \(run.errorText)")
    }
    let long = try folder.write(good + [0], to: "long")
    #expect(try Self.ran(["report", long], exitCode: 1).errorText.contains("behind its end"))
    let none = try Self.ran(["merge", log, "--output", folder.path + "/no"], exitCode: 1)
    #expect(none.errorText.contains("is no tally"))
    let gone = try Self.ran(
      ["merge", folder.path + "/gone", "--output", folder.path + "/no"], exitCode: 1)
    #expect(gone.errorText.contains("No such file"))
    try Self.ran(["merge", path, "--output", "-"], exitCode: 64)
    let seen = try Self.ran(["inspect", path])
    #expect(seen.outputText.contains("tally      of 1 input\n"), "\(seen.outputText)")
    let cut = try Self.ran(["inspect", folder.path + "/cut"], exitCode: 2)
    #expect(cut.outputText.contains("Make it anew from the archives."), "\(cut.outputText)")
  }

  @Test func `a full disk leaves the old tally and nothing half-written`() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(Self.log("shop.example.com"), to: "in/a.log")
    let path = try folder.write("old", to: "out/a.tally")
    // Files of at most four blocks; the signal that goes with it is ignored.
    let run = try run(
      "/bin/sh",
      [
        "-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"", try builtCommand(), "tally", log,
        "--output", path,
      ])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("could not be written"), "\(run.errorText)")
    #expect(try folder.read("out/a.tally") == Array("old".utf8))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out") == ["a.tally"])
  }

  @Test func `a tally without a line in a known format is written and ends with 2`() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("", to: "a.log")
    let run = try Self.ran(["tally", empty, "--output", folder.path + "/a"], exitCode: 2)
    #expect(run.errorText.contains("nothing in"))
    let log = try folder.write(Self.log("shop.example.com"), to: "b.log")
    #expect(try Self.report([folder.path + "/a", log]) == Self.report([empty, log]))
  }
}
