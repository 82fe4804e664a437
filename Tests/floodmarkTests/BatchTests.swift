import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark batch`: a report for each folder, and an index that tells of all.
struct BatchTests {
  static func batch(_ root: String, _ output: String, _ more: String...) throws -> CommandRun {
    try run(builtCommand(), ["batch", root, "--output", output] + more)
  }

  /// Three archives, one of which is none.
  static func tree(in folder: borrowing TemporaryFolder) throws -> String {
    try folder.write(ReportTests.lines(), to: "root/tenant-a/web.log")
    try folder.write(ReportTests.lines(failing: false), to: "root/tenant-b/web.log")
    try folder.write("no log at all\n", to: "root/poem/poem.txt")
    return folder.path + "/root"
  }

  @Test func `one bad archive stops none of the others`() throws {
    let folder = try TemporaryFolder()
    let root = try Self.tree(in: folder)
    let run = try Self.batch(root, folder.path + "/out", "--jobs", "2")
    #expect(run.exitCode == 1)
    let index = String(decoding: try folder.read("out/index.md"), as: UTF8.self)
    #expect(index.contains("| `poem` | – | No report: `nothing could be read as a log"))
    #expect(index.contains("| `tenant-a` | 2018-07-16 17:15 to"))
    #expect(index.contains("| `tenant-b` | – | No incident found |"))
    for name in ["tenant-a", "tenant-b"] {
      for file in ["report.md", "report.json"] {
        #expect(try !folder.read("out/\(name)/\(file)").isEmpty)
      }
    }
    let json = try JSONSerialization.jsonObject(with: Data(folder.read("out/index.json")))
    #expect((json as? [String: Any])?["schema"] as? String == "floodmark.batch/1")
  }

  @Test func `a folder whose name is no text is told, and gets no report`() throws {
    let folder = try TemporaryFolder()
    let root = try Self.tree(in: folder)
    let made = try run("/bin/sh", ["-c", "mkdir \"$0/$(printf 'a\\377b')\"", root])
    #expect(made.exitCode == 0, "\(made.errorText)")
    let done = try Self.batch(root, folder.path + "/out")
    #expect(done.exitCode == 1)
    #expect(done.errorText.contains(#"a\xffb: no report: the folder's name is no UTF-8"#))
    let index = String(decoding: try folder.read("out/index.md"), as: UTF8.self)
    #expect(index.contains(#"| `a\xffb` | – | No report"#))
  }

  @Test func `an archive that is gone is told apart, and counts for nothing`() throws {
    let folder = try TemporaryFolder()
    let root = try Self.tree(in: folder)
    let output = folder.path + "/out"
    _ = try Self.batch(root, output, "--format", "markdown,html")
    try FileManager.default.removeItem(atPath: root + "/tenant-a")
    try FileManager.default.removeItem(atPath: root + "/poem")
    // A folder that no batch wrote is none of its business.
    try folder.write("{}", to: "out/mine/report.json")
    let run = try Self.batch(root, output, "--only-changed", "--fail-on-incident")
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.errorText.contains("tenant-a: no longer in the tree"))
    let index = String(decoding: try folder.read("out/index.md"), as: UTF8.self)
    let parts = index.components(separatedBy: "## No longer in the tree")
    #expect(parts.count == 2 && index.hasPrefix("# Batch of 1 archive\n"))
    #expect(!parts[0].contains("tenant-a") && parts[1].contains("| `tenant-a` | 2018-07-16"))
    #expect(!index.contains("mine"))
    #expect(try !folder.read("out/tenant-a/report.md").isEmpty)
    let json = String(decoding: try folder.read("out/index.json"), as: UTF8.self)
    #expect(json.contains("\"state\": \"vanished\""))
  }

  @Test(.enabled(if: SchemaCheck.isPossible))
  func `the index is as its schema says, member for member`() throws {
    let folder = try TemporaryFolder()
    let root = try Self.tree(in: folder)
    let output = folder.path + "/out"
    _ = try Self.batch(root, output)
    let first = try folder.write(try folder.read("out/index.json"), to: "first.json")
    try FileManager.default.removeItem(atPath: root + "/tenant-a")
    _ = try Self.batch(root, output, "--only-changed")
    let kept = Fixture.packageRoot + "/Reports/three-tenants/index.json"
    let faults = try SchemaCheck.faults(
      "batch-1.schema.json", [first, output + "/index.json", kept])
    #expect(faults.isEmpty, "\(faults.prefix(2000))")
    let text = String(decoding: try folder.read("first.json"), as: UTF8.self)
    let wrong = text.replacing("\"state\": \"failed\"", with: "\"state\": \"lost\"")
    #expect(wrong != text)
    let path = try folder.write(wrong, to: "x.json")
    #expect(try !SchemaCheck.faults("batch-1.schema.json", [path]).isEmpty)
  }

  @Test func `the index leads to the reports, unless a folder's name is markup`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "root/shop-1/web.log")
    try folder.write(ReportTests.lines(), to: "root/a](javascript:b)/web.log")
    let run = try Self.batch(folder.path + "/root", folder.path + "/out", "--format", "html")
    #expect(run.exitCode == 0, "\(run.errorText)")
    let index = String(decoding: try folder.read("out/index.md"), as: UTF8.self)
    #expect(index.contains("[`shop-1/report.html`](shop-1/report.html)"))
    #expect(index.contains("`a](javascript:b)/report.html` |"))
    let bare = index.replacing(/`[^`]*`/, with: "x")
    #expect(bare.components(separatedBy: "](").count == 3)
    let page = String(decoding: try folder.read("out/index.html"), as: UTF8.self)
    #expect(page.contains("<a href=\"shop-1/report.md\"><code>shop-1/report.md</code></a>"))
    #expect(!page.contains("href=\"a"))
  }

  @Test func `what masks or shows otherwise is no reason to leave a report alone`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "root/a/web.log")
    let list = try folder.write("192.0.2.0/24,robots\n", to: "list.csv")
    let (root, output) = (folder.path + "/root", folder.path + "/out")
    _ = try Self.batch(root, output)
    for more in [
      ["--k", "50"], ["--network-bits", "16"], ["--keep-private"], ["--time-zone", "Asia/Tokyo"],
      ["--service-by", "none"], ["--log-format", "common"], ["--clock", "web.log=+3"],
      ["--address-list", list],
    ] {
      let run = try run(
        builtCommand(), ["batch", root, "--output", output, "--only-changed"] + more)
      #expect(!run.errorText.contains("unchanged"), "\(more)")
    }
    try folder.write("192.0.2.0/24,people and more\n", to: "list.csv")
    let other = try Self.batch(root, output, "--only-changed", "--address-list", list)
    #expect(!other.errorText.contains("unchanged"))
    let same = try Self.batch(root, output, "--only-changed", "--address-list", list)
    #expect(same.errorText.contains("a: unchanged"))
  }

  @Test func `nothing of one archive stands in another's report`() throws {
    let folder = try TemporaryFolder()
    let other = ReportTests.lines().replacingOccurrences(of: "/deals", with: "/secret-b")
    try folder.write(ReportTests.lines(), to: "root/a/web.log")
    try folder.write(other, to: "root/b/web.log")
    #expect(try Self.batch(folder.path + "/root", folder.path + "/out").exitCode == 0)
    for file in ["report.md", "report.json"] {
      let text = String(decoding: try folder.read("out/a/\(file)"), as: UTF8.self)
      #expect(!text.contains("secret-b"))
    }
  }

  @Test func `what has not changed is left alone if asked for`() throws {
    let folder = try TemporaryFolder()
    let root = try Self.tree(in: folder)
    let output = folder.path + "/out"
    _ = try Self.batch(root, output)
    let again = try Self.batch(root, output, "--only-changed")
    #expect(again.errorText.contains("tenant-a: unchanged"))
    #expect(again.errorText.contains("tenant-b: unchanged"))
    try folder.write(ReportTests.lines(failing: false), to: "root/tenant-a/web.log")
    let changed = try Self.batch(root, output, "--only-changed")
    #expect(changed.errorText.contains("tenant-a: no incident found"))
    #expect(changed.errorText.contains("tenant-b: unchanged"))
    let other = try Self.batch(root, output, "--only-changed", "--slo", "99")
    #expect(!other.errorText.contains("unchanged"))
  }

  @Test func `a batch that was stopped goes on where it was`() throws {
    let folder = try TemporaryFolder()
    let root = try Self.tree(in: folder)
    let output = folder.path + "/out"
    // The index can't be put in place: the batch ends before its end, with all archives done.
    try folder.write("", to: "out/index.md/blocked")
    let stopped = try Self.batch(root, output)
    #expect(stopped.exitCode == 1)
    try FileManager.default.removeItem(atPath: output + "/index.md")
    let resumed = try Self.batch(root, output)
    #expect(resumed.errorText.contains("tenant-a: unchanged"))
    let anew = try Self.batch(root, output)
    #expect(anew.errorText.contains("tenant-a: 900 requests failed"))
  }

  @Test func `stock-outs that overlap are told together`() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/root", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: Fixture.primeDay, toPath: folder.path + "/root/" + name)
    }
    let run = try Self.batch(folder.path + "/root", folder.path + "/out", "--jobs", "2")
    #expect(run.exitCode == 0, "\(run.errorText)")
    let index = String(decoding: try folder.read("out/index.md"), as: UTF8.self)
    #expect(index.contains("## Stock-outs that hit several"))
    #expect(
      index.contains(
        "| 2018-07-16 18:20 to 2018-07-16 18:49 | 28 | not told | not told | `c5.4xlarge` | `a`: `E17`, `E28`; `b`: `E17`, `E28` |"
      ))
    let json = try JSONSerialization.jsonObject(with: Data(folder.read("out/index.json")))
    let shared = (json as? [String: Any])?["shared_stock_outs"] as? [[String: Any]]
    #expect(shared?.first?["types"] as? [String] == ["c5.4xlarge"])
    #expect(shared?.first?["refusals"] as? Int == 28)
    #expect(run.errorText.contains("2 archives at the same time: at most 512 MB"))
    #expect(index.contains("| `capacity-exhausted` | 2 | `a`, `b` |"))
  }

  @Test(arguments: [["a", "b"], ["-"]])
  func oneRootIsWanted(paths: [String]) throws {
    let run = try run(builtCommand(), ["batch"] + paths + ["--output", "out"])
    #expect(run.exitCode == 64)
  }

  @Test func `a root without a folder is named`() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "file.txt")
    let run = try Self.batch(folder.path, folder.path + "/out")
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("holds no folder"))
  }
}
