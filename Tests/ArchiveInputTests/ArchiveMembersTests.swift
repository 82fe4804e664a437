import Crypto
import FloodmarkTestSupport
internal import IncidentModel
import Testing

@testable import ArchiveInput

struct ArchiveMembersTests {
  @Test(arguments: ArchiveShape.allCases)
  func `every archive gives its members with their names`(shape: ArchiveShape) async throws {
    let scratch = try Scratch()
    let bytes = try archive(threeLogs, as: shape)
    let reading = await readAll(try scratch.write(bytes, "misnamed.png"))
    let want = Dictionary(
      uniqueKeysWithValues: threeLogs.map {
        (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.bytes, as: UTF8.self))
      })
    #expect(reading.texts == want)
    #expect(reading.kinds.isEmpty, "\(reading.problems)")
    #expect(reading.end.isArchive)
    #expect(reading.end.bytesOnDisk == bytes.count)
    #expect(reading.end.sha256 == hexadecimal(SHA256.hash(data: bytes)))
    #expect(reading.members.allSatisfy { $0.end.container == shape.container })
    #expect(reading.members.allSatisfy { $0.lastBlocks == 1 })
  }

  @Test(arguments: StreamShape.allCases)
  func `every compression gives its text, and streams one after the other are one text`(
    shape: StreamShape
  ) async throws {
    let scratch = try Scratch()
    let bytes = requests(2_000)
    let one = try compressed(bytes, as: shape)
    let reading = await read(try scratch.write(one, "x.txt"))
    #expect(reading.bytes == bytes)
    #expect(reading.kinds.isEmpty)
    #expect(reading.end.container == shape.rawValue)
    #expect(reading.end.sha256 == hexadecimal(SHA256.hash(data: one)))
    // compress(1) has no end mark that a second stream could follow.
    if shape != .compress {
      let two =
        try compressed(Array(bytes[..<7_000]), as: shape)
        + compressed(Array(bytes[7_000...]), as: shape)
      let joined = await read(try scratch.write(two))
      #expect(joined.bytes == bytes)
      #expect(joined.kinds.isEmpty)
    }
    let nothing = await read(try scratch.write(try compressed([], as: shape)))
    #expect(nothing.bytes.isEmpty)
    #expect(nothing.kinds == [.empty])
  }

  @Test(arguments: StreamShape.allCases)
  func `a compressed tar gives its members`(shape: StreamShape) async throws {
    let scratch = try Scratch()
    let bytes = try compressed(archive(threeLogs, as: .tar), as: shape)
    let reading = await readAll(try scratch.write(bytes))
    #expect(reading.members.map(\.bytes) == threeLogs.map(\.bytes))
    #expect(reading.members.first?.end.container == "\(shape.rawValue), tar")
    #expect(reading.kinds.isEmpty)
  }

  @Test func `containers nest in any order and the name tells the way`() async throws {
    let scratch = try Scratch()
    let one = requests(40)
    let two = requests(90)
    let tar = try archive(
      [
        ArchiveItem("web-1.log.gz", gzip(one)),
        ArchiveItem("web-2.log.xz", compressed(two, as: .xz)),
      ], as: .tar)
    let inner = try archive([ArchiveItem("deep.log", one)], as: .sevenZip)
    let bytes = try archive(
      [
        ArchiveItem("logs.tar.gz", gzip(tar)), ArchiveItem("plain.log", two),
        ArchiveItem("more.7z.zst", compressed(inner, as: .zstd)),
        ArchiveItem("x.zip", archive([ArchiveItem("x.log", two)], as: .zip)),
      ], as: .zip)
    for file in [bytes, try archive([ArchiveItem("all.zip", bytes)], as: .cpio)] {
      let input = try scratch.write(file, "a.zip")
      let reading = await readAll(input)
      let front = file == bytes ? "" : "all.zip!"
      #expect(
        reading.names
          == [
            "logs.tar.gz!web-1.log.gz", "logs.tar.gz!web-2.log.xz", "plain.log",
            "more.7z.zst!deep.log", "x.zip!x.log",
          ].map { front + $0 })
      #expect(reading.members.map(\.bytes) == [one, two, two, one, two])
      #expect(reading.kinds.isEmpty)
      for (name, want) in zip(reading.names, reading.members) {
        let alone = await read(input.member(name))
        #expect(alone.bytes == want.bytes)
        #expect(alone.end.name == InputName(file: "a.zip", member: name))
        let line = await LineFetch.line(at: 100, of: input.member(name), context: 1)
        #expect(line?.number == 2)
        #expect(line?.before.count == 1)
      }
    }
    let last = await readAll(try scratch.write(bytes, "a.zip"))
    #expect(last.members.first?.end.container == "zip, gzip, tar, gzip")
  }

  @Test func `a member that is not there gives nothing`() async throws {
    let scratch = try Scratch()
    let input = try scratch.write(try archive(threeLogs, as: .zip))
    for name in ["web-9.log", "web-1.log!x", "web-1", ""] {
      let reading = await read(input.member(name))
      #expect(reading.bytes.isEmpty)
      #expect(await LineFetch.line(at: 0, of: input.member(name), context: 0) == nil)
    }
  }

  @Test func `zips written to a pipe are read from disk and from inside other archives`()
    async throws
  {
    let scratch = try Scratch()
    let bytes = try archive(threeLogs, as: .zip, isStreamed: true)
    let plain = await readAll(try scratch.write(bytes))
    #expect(plain.members.map(\.bytes) == threeLogs.map(\.bytes))
    #expect(plain.kinds.isEmpty)
    let nested = await readAll(
      try scratch.write(gzip(try archive([ArchiveItem("in.zip", bytes)], as: .tar))))
    #expect(nested.members.map(\.bytes) == threeLogs.map(\.bytes))
    #expect(nested.kinds.isEmpty)
  }

  @Test func `the holes of a sparse tar are zeros`() async throws {
    let scratch = try Scratch()
    var bytes = [UInt8](repeating: 0, count: 300_000)
    let line = Array("198.51.100.7 GET /\n".utf8)
    bytes.replaceSubrange(0..<line.count, with: line)
    bytes.replaceSubrange(200_000..<200_000 + line.count, with: line)
    let item = ArchiveItem(
      "s.log", bytes,
      kind: .sparse([0..<line.count, 200_000..<200_000 + line.count, 299_999..<300_000]))
    let file = try archive([item, ArchiveItem("b.log", line)], as: .tar)
    #expect(file.count < 20_000, "it is sparse")
    let reading = await readAll(try scratch.write(file))
    #expect(reading.members.map(\.bytes) == [bytes, line])
    #expect(reading.kinds == [.nulBytes])
  }

  @Test(arguments: [ArchiveShape.tar, .gnuTar, .zip, .cpio, .sevenZip])
  func `hostile names are only names`(shape: ArchiveShape) async throws {
    let scratch = try Scratch()
    let names = [
      "../../etc/passwd", "/etc/passwd", "a\nb.log", "c!d.log", "\u{1b}[2Jx", "caf\u{e9}.log",
      "..", "same.log", "same.log", "same.log (2)",
    ]
    let line = Array("one\n".utf8)
    let file = try archive(names.map { ArchiveItem($0, line) }, as: shape)
    let reading = await readAll(try scratch.write(file))
    let want = [
      "../../etc/passwd", "/etc/passwd", "a\nb.log", "c\\x21d.log", "\u{1b}[2Jx",
      "caf\u{e9}.log", "..", "same.log", "same.log (2)", "same.log (2) (2)",
    ]
    #expect(reading.names == want)
    #expect(Set(reading.names).count == names.count)
    #expect(reading.members.allSatisfy { $0.bytes == line })
  }

  @Test func `names that are no UTF-8 stay different`() async throws {
    let scratch = try Scratch()
    var items = [ArchiveItem("", Array("one\n".utf8)), ArchiveItem("", Array("two\n".utf8))]
    items[0].name = [0x61, 0xff]
    items[1].name = [0x61, 0xfe]
    let reading = await readAll(try scratch.write(try archive(items, as: .gnuTar)))
    #expect(reading.names == ["a\\xff", "a\\xfe"])
    let second = try scratch.write(try archive(items, as: .gnuTar)).member("a\\xfe")
    #expect(await read(second).text == "two\n")
  }

  @Test func `links, devices and pipes in an archive are counted and left out`() async throws {
    let scratch = try Scratch()
    let items = [
      ArchiveItem("passwd", kind: .link(to: "/etc/passwd")),
      ArchiveItem("web.log", requests(10)),
      ArchiveItem("again.log", kind: .hardLink(to: "web.log")),
      ArchiveItem("null", kind: .device), ArchiveItem("fifo", kind: .pipe),
      ArchiveItem("folder/", kind: .folder),
    ]
    let reading = await readAll(try scratch.write(try archive(items, as: .tar)))
    #expect(reading.names == ["web.log"])
    #expect(reading.problems.map(\.name) == [""])
    #expect(reading.kinds == [.notRegular])
    #expect(reading.end.notes.first?.problems.first?.detail.pieces.contains(.count(4)) == true)
  }

  @Test func `encrypted members are named as such and the others are read`() async throws {
    let scratch = try Scratch()
    let secret = try archive(threeLogs, as: .zip, password: "correct horse")
    let file = try archive(
      [ArchiveItem("s.zip", secret), ArchiveItem("web.log", requests(5))], as: .tar)
    for (bytes, front) in [(secret, ""), (file, "s.zip!")] {
      let reading = await readAll(try scratch.write(bytes))
      #expect(reading.names == (front.isEmpty ? [] : ["web.log"]))
      #expect(reading.kinds == [.encrypted, .encrypted, .encrypted])
      #expect(
        reading.problems.map(\.name)
          == threeLogs.map { front + String(decoding: $0.name, as: UTF8.self) })
    }
  }

  @Test(arguments: ArchiveShape.allCases)
  func `an empty archive is said to be empty`(shape: ArchiveShape) async throws {
    let scratch = try Scratch()
    let reading = await readAll(try scratch.write(try archive([], as: shape)))
    #expect(reading.kinds == [.empty])
    let folder = await readAll(
      try scratch.write(try archive([ArchiveItem("x/", kind: .folder)], as: shape)))
    #expect(folder.members.isEmpty)
  }

  @Test func `an archive of ten thousand members gives all of them`() async throws {
    let scratch = try Scratch()
    let items = (0..<10_000).map { ArchiveItem("log-\($0).log", Array("line \($0)\n".utf8)) }
    for shape in [ArchiveShape.tar, .zip] {
      let input = try scratch.write(try archive(items, as: shape))
      let reading = await readAll(input)
      #expect(reading.members.count == 10_000)
      #expect(reading.members.last?.text == "line 9999\n")
      #expect(reading.kinds.isEmpty)
      let survey = await FileSurvey(input)
      #expect(survey.members.map(\.name) == reading.members.map(\.end.name))
    }
  }

  @Test func `what is held of a nested archive can be read from any place, up to a limit`()
    throws
  {
    let scratch = try Scratch()
    let bytes = requests(3_000)
    let record = ReadingRecord()
    for chunk in [1_000, 100_000] {
      for limit in [bytes.count - 1, bytes.count, bytes.count + 1] {
        let input = try scratch.write(bytes)
        let disk = try #require(DiskBytes(input, record: record, progress: nil))
        let source = PeekableBytes(disk, refillBytes: chunk)
        guard let held = HeldBytes(source, limit: limit) else {
          #expect(limit < bytes.count)
          #expect(source.offset == 0, "nothing is taken")
          continue
        }
        #expect(limit >= bytes.count)
        let again = PeekableBytes(held, refillBytes: chunk)
        #expect(again.seekableLength == bytes.count)
        for place in [bytes.count, 70_000, 0] {
          #expect(again.seek(to: place))
          #expect(Array(again.peek(bytes.count)) == Array(bytes[place...]))
        }
        #expect(!again.seek(to: bytes.count + 1))
        #expect(!again.seek(to: -1))
      }
    }
  }

  @Test func `more members than the limit are told and left out`() async throws {
    let scratch = try Scratch()
    var limits = smallBlocks
    limits.maxMembers = 3
    let items = (0..<9).map { ArchiveItem("\($0).log", Array("one\n".utf8)) }
    let nested = try archive(
      [ArchiveItem("in.zip", archive(items, as: .zip)), ArchiveItem("z.log")], as: .tar)
    for (file, want) in [(try archive(items, as: .tar), 3), (nested, 2)] {
      let reading = await readAll(try scratch.write(file), limits)
      #expect(reading.members.count == want)
      #expect(reading.kinds == [.bomb])
    }
  }

  @Test func `containers beyond the limit of nesting are told`() async throws {
    let scratch = try Scratch()
    var limits = smallBlocks
    limits.maxNesting = 3
    let line = Array("one\n".utf8)
    var file = line
    for level in 1...5 {
      file = level.isMultiple(of: 2) ? gzip(file) : try archive([ArchiveItem("m", file)], as: .zip)
      let reading = await readAll(try scratch.write(file), limits)
      #expect(reading.members.map(\.bytes) == (level <= 3 ? [line] : []), "\(level)")
      #expect(reading.kinds == (level <= 3 ? [] : [.tooDeep]), "\(level)")
    }
  }
}
