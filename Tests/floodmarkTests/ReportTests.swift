import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark report`, run as a user runs it.
struct ReportTests {
  @Test func `files of an earlier report go, unless they were changed or are none of ours`() throws
  {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "web.log")
    let base = [folder.path + "/web.log", "--output", folder.path + "/out"]
    #expect(try Self.report(base + ["--format", "markdown,json,svg,csv"]).exitCode == 0)
    try folder.write("mine", to: "out/charts/foreign.svg")
    try folder.write("mine", to: "out/report.html")
    try folder.write("changed", to: "out/series.csv")
    let again = try Self.report(base + ["--format", "markdown,json"])
    #expect(again.exitCode == 0, "\(again.errorText)")
    #expect(again.errorText.contains("out/charts/capacity.svg: of an earlier report, removed"))
    #expect(again.errorText.contains("out/series.csv' is of an earlier report; it was changed"))
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/out")
    #expect(
      Set(left) == [
        ".floodmark.sha256", "charts", "charts/foreign.svg", "report.html", "report.json",
        "report.md", "series.csv",
      ])
  }

  @Test func `a note on our files leads to no other folder`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "web.log")
    try folder.write("secret", to: "secret.txt")
    let digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    try folder.write("\(digest)  ../secret.txt\n\(digest)  .hidden\n", to: "out/.floodmark.sha256")
    try folder.write("secret", to: "out/.hidden")
    let run = try Self.report([folder.path + "/web.log", "--output", folder.path + "/out"])
    #expect(run.exitCode == 0)
    #expect(try !folder.read("secret.txt").isEmpty)
    #expect(try !folder.read("out/.hidden").isEmpty)
  }

  static let window = [
    "--from", "17:30", "--to", "19:30", "--time-zone", "America/Los_Angeles",
  ]

  static func report(_ more: [String], input: [UInt8] = []) throws -> CommandRun {
    try run(builtCommand(), ["report"] + more, input: input)
  }

  /// Five minutes in which every tenth request fails at the end.
  static func lines(failing: Bool = true, minutes: Int = 30) -> String {
    (0..<minutes * 120).map { index in
      let (minute, second) = (index / 120, index % 120 / 2)
      let isBad = failing && minute >= minutes / 2 && index % 2 == 0
      let stamp =
        "16/Jul/2018:17:\(minute / 10)\(minute % 10):\(second / 10)\(second % 10) +0000"
      return
        "198.51.100.\(index % 200) - - [\(stamp)] \"GET /deals?p=\(index) HTTP/1.1\" \(isBad ? 503 : 200) 18233 \"-\" \"Mozilla/5.0\"\n"
    }.joined()
  }

  @Test func `the README shows what the report says`() throws {
    let root = Fixture.packageRoot
    let report = try String(
      contentsOfFile: root + "/Reports/prime-day-2018/report.md", encoding: .utf8)
    let readme = try String(contentsOfFile: root + "/README.md", encoding: .utf8)
    let lines = Set(report.split(separator: "\n"))
    let shown = readme.split(separator: "\n").filter {
      $0.hasPrefix("| **") || $0.contains("▃") || $0.hasPrefix("> ")
    }
    #expect(shown.count > 10)
    for line in shown {
      let told = line.hasPrefix("> ") ? line.dropFirst(2) : line
      // Not in the macro, which would print the whole report.
      let isTold = lines.contains(told)
      #expect(isTold, "\(line)")
    }
  }

  @Test func `the README lists the formats of the registry and no others`() throws {
    let listed = try run(builtCommand(), ["formats"])
    let names = listed.outputText.split(separator: "\n").filter {
      $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasSuffix(":")
    }.map { $0.dropFirst(2) }
    let readme = try String(contentsOfFile: Fixture.packageRoot + "/README.md", encoding: .utf8)
    let section = try #require(
      readme.components(separatedBy: "\n## ").first { $0.hasPrefix("Formats") })
    #expect(names.count > 70)
    #expect(section.matches(of: /`([a-z0-9-]+)`/).map(\.output.1) == names)
  }

  @Test func `threads, the order of paths and another run change no byte`() throws {
    let files =
      ["access/edge-1.log.gz", "access/edge-2.log.gz", "access/edge-3.log.gz"]
      + ["capacity/asg-activities.json", "notes.txt"]
    let paths = files.map { Fixture.primeDay + "/" + $0 }
    let first = try Self.report(paths + ["--threads", "1", "--format", "json"])
    #expect(first.exitCode == 0)
    let orders = [
      paths, Array(paths.reversed()), [paths[2], paths[4], paths[0], paths[3], paths[1]],
    ]
    for (order, threads) in zip(orders, ["2", "8", "2"]) {
      let again = try Self.report(order + ["--threads", threads, "--format", "json"])
      #expect(again.output == first.output)
    }
  }

  @Test func `counts are those of another tool`() throws {
    let run = try Self.report([Fixture.primeDay, "--format", "json"])
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output)) as? [String: Any])
    let services = try #require(json["services"] as? [[String: Any]])
    var lines = 0
    var failed = 0
    for name in ["edge-1", "edge-2", "edge-3"] {
      let path = Fixture.primeDay + "/access/\(name).log.gz"
      lines += try countLines(of: path)
      failed += try countLines(of: path, matching: "\" 5[0-9][0-9] [0-9]+ \"")
    }
    #expect(services.compactMap { $0["requests"] as? Int } == [lines - 3])
    #expect(services.compactMap { $0["failed"] as? Int } == [failed])
  }

  @Test func `a truncated input is reported and ends with 2`() throws {
    let folder = try TemporaryFolder()
    let whole = gzip(Array(Self.lines().utf8))
    try folder.write(Array(whole.prefix(whole.count * 3 / 4)), to: "logs/web.log.gz")
    let run = try Self.report([folder.path + "/logs", "--output", folder.path + "/out"])
    #expect(run.exitCode == 2)
    #expect(run.errorText.contains("web.log.gz"))
    let text = String(decoding: try folder.read("out/report.md"), as: UTF8.self)
    #expect(text.contains("web.log.gz"))
  }

  @Test func `--fail-on-incident ends with 3 only if there is one`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "bad.log")
    try folder.write(Self.lines(failing: false), to: "good.log")
    let bad = try Self.report([folder.path + "/bad.log", "--fail-on-incident"])
    #expect(bad.exitCode == 3)
    #expect(bad.outputText.hasPrefix("# Incident report: "))
    let good = try Self.report([folder.path + "/good.log", "--fail-on-incident"])
    #expect(good.exitCode == 0)
    #expect(good.outputText.hasPrefix("# No incident found"))
  }

  @Test func `standard input is one more log`() throws {
    let run = try Self.report(["-"], input: gzip(Array(Self.lines().utf8)))
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.outputText.contains("| `-` | access | `combined` | 3,600 | 3,600 | 0 |"))
  }

  @Test func `what people wrote is never overwritten without being asked`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "web.log")
    let options = [folder.path + "/web.log", "--format", "markdown,json"]
    let output = ["--output", folder.path + "/out"]
    #expect(try Self.report(options + output).exitCode == 0)
    #expect(try Self.report(options + output).exitCode == 0)
    var text = String(decoding: try folder.read("out/report.md"), as: UTF8.self)
    let heading = try #require(text.range(of: "### ✍ What went well\n"))
    text.insert(contentsOf: "\nThe pager rang at once.\n", at: heading.upperBound)
    try folder.write(text, to: "out/report.md")

    let refused = try Self.report(options + output)
    #expect(refused.exitCode == 1)
    #expect(refused.errorText.contains("--update"))
    #expect(try folder.read("out/report.md") == Array(text.utf8))

    #expect(try Self.report(options + output + ["--update", "--ascii"]).exitCode == 0)
    let updated = String(decoding: try folder.read("out/report.md"), as: UTF8.self)
    #expect(updated.contains("The pager rang at once."))
    #expect(updated.contains("--ascii"))

    #expect(try Self.report(options + output + ["--force"]).exitCode == 0)
    let forced = String(decoding: try folder.read("out/report.md"), as: UTF8.self)
    #expect(!forced.contains("The pager rang at once."))
  }

  @Test func `a report without report.json knows its own bytes too`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "web.log")
    let options = [folder.path + "/web.log", "--output", folder.path + "/out"]
    #expect(try Self.report(options).exitCode == 0)
    #expect(try Self.report(options + ["--ascii"]).exitCode == 0)
    try folder.write("mine now", to: "out/report.md")
    #expect(try Self.report(options).exitCode == 1)
    #expect(try folder.read("out/report.md") == Array("mine now".utf8))
  }

  @Test func `a folder that cannot be made is named and nothing is left behind`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "web.log")
    try folder.write("a file", to: "taken")
    let run = try Self.report([folder.path + "/web.log", "--output", folder.path + "/taken"])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("is a file, and a folder is wanted"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "taken", "web.log",
      ])
  }

  @Test func `without a line in a known format there is no report`() throws {
    let folder = try TemporaryFolder()
    try folder.write("nothing here\nis a log\n", to: "poem.txt")
    let run = try Self.report([folder.path])
    #expect(run.exitCode == 1)
    #expect(run.output.isEmpty)
    #expect(run.errorText.contains("poem.txt"))
  }

  @Test func `a service that is not there is named beside those that are`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.lines(), to: "web.log")
    let run = try Self.report([folder.path, "--service", "shpo"])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("'shpo'"))
    #expect(run.errorText.contains("There are: default"))
  }

  @Test(arguments: [
    ["--format", "markdown,json"], ["--slo", "100"], ["--k", "0"], ["--network-bits", "23"],
    ["--update"], ["--format", "pdf"], ["--from", "noon"],
  ])
  func wrongUsageEndsWith64(arguments: [String]) throws {
    #expect(try Self.report([Fixture.primeDay] + arguments).exitCode == 64)
  }

  @Test func `a window that ends before it begins is refused`() throws {
    let run = try Self.report([Fixture.primeDay, "--from", "19:00", "--to", "18:00"])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("--from"))
  }

  @Test func `patterns of one's own are masked and not printed`() throws {
    let run = try Self.report([Fixture.primeDay, "--redact", "batch fleet|c4[.]4xlarge"])
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.outputText.contains("got ‹masked› from the ‹masked›, moving 9 over"))
    #expect(!run.outputText.contains("batch fleet"))
    #expect(run.outputText.contains("--redact (1 of your own)"))
    #expect(try Self.report([Fixture.primeDay, "--redact", "a(b"]).exitCode == 64)
  }

  @Test func `a key gives clients names that agree between reports`() throws {
    let folder = try TemporaryFolder()
    let key = try folder.write(Array(0..<32), to: "key")
    let open = try Self.report([Fixture.primeDay, "--pseudonym-key", key])
    #expect(open.exitCode == 1)
    #expect(open.errorText.contains("chmod 600"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    let whole = try Self.report([Fixture.primeDay, "--pseudonym-key", key])
    let part = try Self.report(
      [Fixture.primeDay + "/access/edge-2.log.gz", "--pseudonym-key", key])
    let names = [whole, part].map { run in
      Set(run.outputText.matches(of: /client-[a-z2-7]{8}/).map { String($0.output) })
    }
    #expect(names.allSatisfy { $0.count > 3 })
    #expect(!names[0].isDisjoint(with: names[1]))
    #expect(whole.outputText.contains("--pseudonym-key (keyed)"))
  }

  @Test func `addresses are masked unless they are asked for`() throws {
    let masked = try Self.report([Fixture.primeDay])
    #expect(!masked.outputText.contains(/2001:db8:[0-9a-f]+:[0-9a-f]+:/))
    let open = try Self.report([Fixture.primeDay, "--no-redact"])
    #expect(open.outputText.contains(/2001:db8:[0-9a-f]+:[0-9a-f]+:/))
    #expect(open.outputText.contains("**Not masked:**"))
  }
}
