import FoundationEssentials
import Glibc
internal import IncidentModel
internal import SystemPackage
import Testing

@testable import ArchiveInput

struct ArchiveWalkTests {
  private func names(_ paths: [String]) throws -> [String] {
    try ArchiveWalk.find(paths).inputs.map(\.name.file)
  }

  @Test func `files are named below their PATH and sorted, whatever the order of the PATHs`() throws
  {
    let scratch = try Scratch()
    for name in ["access/web-2.log", "access/web-1.log", "asg/deep/a.json", ".hidden", "z"] {
      try scratch.write([97], name)
    }
    let want = [".hidden", "access/web-1.log", "access/web-2.log", "asg/deep/a.json", "z"]
    #expect(try names([scratch.folder]) == want)
    #expect(try names([scratch.folder + "/./access/../", scratch.folder]) == want)
    #expect(try names([scratch.folder + "/access", scratch.folder]) == want)
    #expect(try names([scratch.folder, scratch.folder + "/z"]) == want)
    #expect(try names([scratch.folder + "/z", "-"]) == ["-", "z"])
  }

  @Test func `PATHs with equal names inside are told apart by their own names`() throws {
    let scratch = try Scratch()
    for name in ["before/web.log", "after/web.log", "after/only.log", "third/before/web.log"] {
      try scratch.write([97], name)
    }
    let two = [scratch.folder + "/before", scratch.folder + "/after"]
    #expect(try names(two) == ["after/only.log", "after/web.log", "before/web.log"])
    #expect(try names(two.reversed()) == names(two))
    let nested = try names(two + [scratch.folder + "/third/before"])
    #expect(nested.count == 4)
    #expect(Set(nested).count == 4)
    #expect(nested.contains("third/before/web.log"))
    let files = ["/before/web.log", "/after/web.log"].map { scratch.folder + $0 }
    #expect(try names(files) == ["after/web.log", "before/web.log"])
  }

  @Test func `a file is read once, under its own name, however many links lead to it`() throws {
    let scratch = try Scratch()
    try scratch.write([97], "real/web.log")
    try scratch.link("a-link.log", to: "real/web.log")
    try scratch.link("a-folder", to: "real")
    let found = try ArchiveWalk.find([scratch.folder])
    #expect(found.inputs.map(\.name.file) == ["real/web.log"])
    #expect(found.problems.map(\.0.file) == ["a-folder", "a-link.log"])
    #expect(found.problems.map(\.1.kind) == [.duplicate, .duplicate])
  }

  @Test func `loops, dead links, pipes and empty folders are told and left out`() throws {
    let scratch = try Scratch()
    try scratch.write([97], "a/web.log")
    try scratch.link("a/up", to: "..")
    try scratch.link("self", to: "self")
    try scratch.link("dead", to: "nowhere")
    try FileManager.default.createDirectory(
      atPath: scratch.folder + "/void", withIntermediateDirectories: false)
    #expect(makePipe(scratch.folder + "/pipe"))
    let found = try ArchiveWalk.find([scratch.folder])
    #expect(found.inputs.map(\.name.file) == ["a/web.log"])
    #expect(found.problems.map(\.0.file) == ["a/up", "dead", "pipe", "self", "void"])
    #expect(
      found.problems.map(\.1.kind) == [.linkLoop, .unreadable, .notRegular, .linkLoop, .empty])
  }

  @Test func `links to folders outside are followed`() throws {
    let scratch = try Scratch()
    try scratch.write([97], "outside/web.log")
    try scratch.write([97], "inside/other.log")
    try scratch.link("inside/more", to: "../outside")
    #expect(try names([scratch.folder + "/inside"]) == ["more/web.log", "other.log"])
  }

  @Test func `folders beyond the limit of depth are told`() throws {
    let scratch = try Scratch()
    try scratch.write([97], "1/2/3/4/web.log")
    var limits = InputLimits()
    limits.maxFolderDepth = 3
    let found = try ArchiveWalk.find([scratch.folder], limits: limits)
    #expect(found.inputs.isEmpty)
    #expect(found.problems.map(\.1.kind) == [.tooDeep])
  }

  @Test func `a PATH that does not exist is an error that names it`() {
    #expect(throws: InputError.noSuchPath("/nowhere/web.log")) {
      try ArchiveWalk.find(["/nowhere/web.log"])
    }
    #expect(InputError.noSuchPath("/nowhere/web.log").description.contains("/nowhere/web.log"))
    #expect(throws: InputError.noSuchPath("")) { try ArchiveWalk.find([""]) }
  }

  @Test func `too many files are refused`() throws {
    let scratch = try Scratch()
    for name in ["a", "b", "c"] { try scratch.write([97], name) }
    var limits = InputLimits()
    limits.maxFiles = 2
    #expect(throws: InputError.tooManyFiles(limit: 2)) {
      try ArchiveWalk.find([scratch.folder], limits: limits)
    }
  }

  @Test func `a file that vanished, was replaced, grew or shrank is told`() async throws {
    let scratch = try Scratch()
    for name in ["gone", "grown", "replaced", "shrunk"] {
      try scratch.write(Array("one\n".utf8), name)
    }
    let inputs = try ArchiveWalk.find([scratch.folder]).inputs
    try FileManager.default.removeItem(atPath: scratch.folder + "/gone")
    try scratch.write(Array("one\ntwo\n".utf8), "new")
    for (name, bytes) in [("grown", "one\ntwo\n"), ("shrunk", "o")] {
      let file = try FileDescriptor.open(
        FilePath(scratch.folder + "/" + name), .writeOnly, options: .truncate)
      try file.closeAfter { _ = try file.writeAll(bytes.utf8) }
    }
    #expect(move(scratch.folder + "/new", over: scratch.folder + "/replaced"))
    for input in inputs {
      let reading = await read(input)
      #expect(reading.kinds == [.changedWhileRead], "\(input.name.file)")
      #expect(reading.end.sha256 == nil || input.name.file != "gone")
    }
  }

  @Test func `a file that grows while it is read is used up to its first size`() async throws {
    let scratch = try Scratch()
    let input = try scratch.write(requests(20_000))
    let reader = MemberReader(input)
    _ = await reader.head()
    let file = try FileDescriptor.open(input.path, .writeOnly, options: .append)
    try file.closeAfter { _ = try file.writeAll("late\n".utf8) }
    while await reader.next() != nil {}
    let end = await reader.summary()
    #expect(end.problems.map(\.kind) == [.changedWhileRead])
    #expect(end.decompressedBytes == input.size)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/mem")))
  func `an error of the disk is told`() async {
    let input = FoundInput(name: InputName(file: "mem"), path: "/proc/self/mem", size: 0)
    let reading = await read(input)
    #expect(reading.kinds == [.unreadable])
    #expect(reading.end.sha256 == nil)
  }

  @Test func `names that are no UTF-8 stay different`() {
    #expect(readableName([0x61, 0xff]) == "a\\xff")
    #expect(readableName([0x61, 0xfe]) == "a\\xfe")
    #expect(readableName(Array("é".utf8)) == "é")
  }
}

// Safe, both: the strings become C strings for the length of the call.
private func makePipe(_ path: String) -> Bool { unsafe mkfifo(path, 0o600) == 0 }

private func move(_ path: String, over other: String) -> Bool { unsafe rename(path, other) == 0 }
