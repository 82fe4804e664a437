import FloodmarkTestSupport
import Foundation
import Testing

/// `--cache`: a run with it says what a run without it says, whatever the folder holds.
struct CacheTests {
  @discardableResult
  private static func report(
    _ paths: [String], cache: String? = nil, exitCode: Int32 = 0
  ) throws -> CommandRun {
    let options = cache.map { ["--cache", $0] } ?? []
    let run = try run(builtCommand(), ["report", "--format", "json"] + paths + options)
    #expect(run.exitCode == exitCode, "\(run.errorText)")
    return run
  }

  private static func log(_ host: String, lines: Range<Int> = 0..<400) -> String {
    lines.map { index in
      "\(host) 198.51.100.\(index % 200) - - [16/Jul/2018:17:\(10 + index / 60):\(10 + index % 50) +0000] \"GET /deals?p=\(index) HTTP/1.1\" \(index % 50 == 0 ? 503 : 200) 18233 \"-\" \"Mozilla/5.0\"\n"
    }.joined()
  }

  private static func entries(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `the second run reads tallies and says the same`() throws {
    let folder = try TemporaryFolder()
    let logs = folder.path + "/logs"
    let cache = folder.path + "/cache"
    try folder.write(Self.log("a.example.com"), to: "logs/a.log")
    try folder.write(gzip(Array(Self.log("b.example.com").utf8)), to: "logs/b.log.gz")
    try folder.write(
      gzip(Array(Self.log("c.example.com").utf8)).dropLast(40), to: "logs/c.log.gz")
    try folder.write("no log\n", to: "logs/readme.txt")
    let plain = try Self.report([logs], exitCode: 2)
    let first = try Self.report([logs], cache: cache, exitCode: 2)
    #expect(first.output == plain.output && first.errors == plain.errors)
    let made = try Self.entries(cache)
    #expect(made.count == 4)
    for name in made {
      let mode = try FileManager.default.attributesOfItem(atPath: "\(cache)/\(name)")
      #expect(mode[.posixPermissions] as? Int == 0o600)
    }
    let second = try Self.report([logs], cache: cache, exitCode: 2)
    #expect(second.output == plain.output && second.errors == plain.errors)
    // What changed has another place, and what was renamed too.
    try folder.write(Self.log("a.example.com", lines: 0..<300), to: "logs/a.log")
    try FileManager.default.moveItem(
      atPath: logs + "/b.log.gz", toPath: logs + "/d.log.gz")
    let changed = try Self.report([logs], exitCode: 2)
    #expect(try Self.report([logs], cache: cache, exitCode: 2).output == changed.output)
    #expect(try Self.entries(cache).count == made.count + 2)
  }

  @Test func `a log that borrows its columns is read with those that lend them`() throws {
    let folder = try TemporaryFolder()
    let logs = folder.path + "/logs"
    let lines = (0..<200).map {
      "2018-07-16 17:\(10 + $0 / 60):\(10 + $0 % 50) W3SVC1 GET /p/\($0) - 443 - 198.51.100.\($0) Mozilla/5.0 \($0 % 40 == 0 ? 503 : 200) 0 0 31\n"
    }
    let fields =
      "#Fields: date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n"
    try folder.write(fields + lines[..<120].joined(), to: "logs/u_ex180716.log")
    try folder.write(lines[120...].joined(), to: "logs/u_ex180716_x.log")
    try folder.write(Self.log("a.example.com"), to: "logs/a.log")
    let plain = try Self.report([logs])
    let cache = folder.path + "/cache"
    #expect(try Self.report([logs], cache: cache).output == plain.output)
    #expect(try Self.report([logs], cache: cache).output == plain.output)
    #expect(try Self.entries(cache).count == 1)
  }

  @Test func `copies are counted once with a cache too`() throws {
    let folder = try TemporaryFolder()
    let logs = folder.path + "/logs"
    for (name, lines) in [("a", 0..<400), ("b", 0..<400), ("c", 0..<250), ("d", 400..<500)] {
      try folder.write(Self.log("shop.example.com", lines: lines), to: "logs/\(name).log")
    }
    let plain = try Self.report([logs])
    for _ in 0..<2 {
      let run = try Self.report([logs], cache: folder.path + "/cache")
      #expect(run.output == plain.output)
    }
  }

  @Test func `a spoilt cache costs time and a word`() throws {
    let folder = try TemporaryFolder()
    let cache = folder.path + "/cache"
    let log = try folder.write(Self.log("a.example.com"), to: "logs/a.log")
    let plain = try Self.report([log])
    try Self.report([log], cache: cache)
    let name = try #require(try Self.entries(cache).first)
    let good = try folder.read("cache/\(name)")
    var changed = good
    changed[good.count / 2] ^= 4
    var later = good
    later[16] = 9
    for (bad, isSaid) in [
      (changed, true), (Array(good.prefix(good.count - 1)), true), (later, false), ([], false),
      (Array("nonsense".utf8), false),
    ] {
      try folder.write(bad, to: "cache/\(name)")
      let run = try Self.report([log], cache: cache)
      #expect(run.output == plain.output)
      #expect(run.errorText.contains("in the cache was damaged") == isSaid, "\(run.errorText)")
      // And it heals.
      try Self.report([log], cache: cache)
      #expect(try folder.read("cache/\(name)") == good)
    }
  }

  @Test func `a cache that can't be written is done without`() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(Self.log("a.example.com"), to: "logs/a.log")
    let plain = try Self.report([log])
    // A folder stands where the tally should: nothing can be renamed over it.
    let cache = folder.path + "/cache"
    try Self.report([log], cache: cache)
    let name = try #require(try Self.entries(cache).first)
    try FileManager.default.removeItem(atPath: "\(cache)/\(name)")
    try folder.write("x", to: "cache/\(name)/x")
    #expect(try Self.report([log], cache: cache).output == plain.output)
    let file = try folder.write("x", to: "file")
    let run = try Self.report([log], cache: file, exitCode: 1)
    #expect(run.errorText.contains("a folder is wanted"))
  }

  @Test func `runs at the same time share a cache`() async throws {
    let folder = try TemporaryFolder()
    let logs = folder.path + "/logs"
    for index in 0..<3 {
      try folder.write(Self.log("\(index).example.com"), to: "logs/\(index).log")
    }
    let plain = try Self.report([logs]).output
    let cache = folder.path + "/cache"
    let outputs = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<3 {
        group.addTask { try Self.report([logs], cache: cache).output }
      }
      return try await group.reduce(into: [[UInt8]]()) { $0.append($1) }
    }
    #expect(outputs.allSatisfy { $0 == plain })
    #expect(try Self.entries(cache).count == 3)
    #expect(try Self.report([logs], cache: cache).output == plain)
  }
}
