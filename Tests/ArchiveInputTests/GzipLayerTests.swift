internal import Crypto
internal import IncidentModel
internal import SystemPackage
import Testing

@testable import ArchiveInput

struct GzipLayerTests {
  @Test func `gzip is told by its content and not by its name`() async throws {
    let scratch = try Scratch()
    let bytes = requests(5_000)
    let file = gzip(bytes)
    let progress = ReadProgress()
    let reader = MemberReader(try scratch.write(file, "x.txt"), progress: progress)
    var got: [UInt8] = []
    while let block = await reader.next() { got += block.bytes[..<block.count] }
    let end = await reader.summary()
    #expect(got == bytes)
    #expect(end.container == "gzip")
    #expect(end.bytesOnDisk == file.count)
    #expect(progress.bytesRead == file.count)
    #expect(end.sha256 == hexadecimal(SHA256.hash(data: file)))
  }

  @Test func `a line across the border of two members is one line`() async throws {
    let scratch = try Scratch()
    let file = gzip(Array("one\ntw".utf8)) + gzip([]) + gzip(Array("o\nthree\n".utf8))
    for chunk in 1...40 {
      var limits = smallBlocks
      limits.readBytes = chunk
      let reading = await read(try scratch.write(file), limits)
      #expect(reading.text == "one\ntwo\nthree\n")
      #expect(reading.lines.count == 3)
      #expect(reading.kinds.isEmpty)
    }
  }

  @Test func `zero padding is no problem and other trailing bytes are one`() async throws {
    let scratch = try Scratch()
    let member = gzip(Array("one\n".utf8))
    let padding = [UInt8](repeating: 0, count: 700)
    let padded = await read(try scratch.write(member + padding + member + padding))
    #expect(padded.text == "one\none\n")
    #expect(padded.kinds.isEmpty)
    let soiled = await read(try scratch.write(member + padding + [1, 2, 3]))
    #expect(soiled.text == "one\n")
    #expect(soiled.kinds == [.trailingGarbage])
    #expect(soiled.end.sha256 == hexadecimal(SHA256.hash(data: member + padding + [1, 2, 3])))
  }

  @Test func `gzip cut at any byte keeps what decodes and says where it ended`() async throws {
    let scratch = try Scratch()
    let bytes = requests(12)
    let file = gzip(bytes)
    var longest = 0
    for cut in 1..<file.count {
      let reading = await read(try scratch.write(Array(file.prefix(cut))))
      #expect(reading.kinds == [.truncated], "cut at \(cut)")
      #expect(bytes.starts(with: reading.bytes))
      #expect(reading.bytes.count >= longest, "more input never gives fewer bytes")
      longest = reading.bytes.count
      #expect(reading.end.truncatedAt == reading.bytes.count)
      #expect(reading.end.problems.first?.offset == reading.bytes.count)
    }
    #expect(longest == bytes.count)
  }

  @Test func `a wrong checksum or length keeps the bytes and the next member is read`() async throws
  {
    let scratch = try Scratch()
    let member = gzip(Array("one\n".utf8))
    for back in [8, 5, 4, 1] {
      var broken = member
      broken[member.count - back] ^= 0x40
      for chunk in [1, 4, 1_000] {
        var limits = smallBlocks
        limits.readBytes = chunk
        let reading = await read(try scratch.write(broken + gzip(Array("two\n".utf8))), limits)
        #expect(reading.text == "one\ntwo\n", "\(back) bytes before the end")
        #expect(reading.kinds == [.corrupt])
      }
    }
  }

  @Test func `flipped bits never crash and are never passed over in silence`() async throws {
    let scratch = try Scratch()
    let bytes = requests(40)
    let file = gzip(bytes)
    let seed: UInt64 = 0x5eed_2018
    var numbers = SeededNumbers(state: seed)
    for round in 0..<400 {
      var broken = file
      let place = Int.random(in: 0..<broken.count, using: &numbers)
      broken[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      let reading = await read(try scratch.write(broken))
      // Of the header, zlib checks the magic, the method and the reserved flags.
      if reading.bytes != bytes {
        #expect(
          !reading.kinds.isEmpty || place < 2, "SeededNumbers(state: \(seed)), round \(round)")
      }
      #expect(reading.end.sha256 == hexadecimal(SHA256.hash(data: broken)))
    }
  }

  @Test func `a decompression bomb is stopped`() async throws {
    let scratch = try Scratch()
    let line = [UInt8](repeating: 97, count: 4_095) + [10]
    let bytes = Array(repeatElement(line, count: 1_024).joined())
    let input = try scratch.write(gzip(bytes, level: 9))
    var limits = smallBlocks
    limits.maxExpansionRatio = 50
    limits.expansionFloorBytes = 1 << 20
    let reading = await read(input, limits)
    #expect(reading.kinds == [.bomb])
    #expect(reading.bytes.count < 2 << 20)
    #expect(reading.end.truncatedAt != nil)
    #expect(reading.end.sha256 != nil)
    limits.expansionFloorBytes = 8 << 20
    #expect(await read(input, limits).kinds.isEmpty)
    limits.maxDecompressedBytes = 3 << 20
    #expect(await read(input, limits).kinds == [.bomb])
  }

  @Test func `equal bytes have one content id, plain or compressed`() async throws {
    let scratch = try Scratch()
    let bytes = requests(3_000)
    let plain = try scratch.write(bytes, "a.log")
    let zipped = try scratch.write(gzip(bytes), "b.gz")
    let twoMembers = try scratch.write(
      gzip(Array(bytes[..<1_000])) + gzip(Array(bytes[1_000...])), "c")
    let laterChange = try scratch.write(bytes + [10], "d.log")
    let ids = [plain, zipped, twoMembers, laterChange]
    var contents: [ContentID?] = []
    var wholes: [String?] = []
    for input in ids {
      contents.append(await FileSurvey(input).members.first?.sketch.id)
      wholes.append(
        await contentHashes(of: input, members: [input.name: []])[input.name]?.whole)
    }
    let want = hexadecimal(SHA256.hash(data: bytes.prefix(65_536)))
    #expect(contents.map { $0?.description } == [want, want, want, want])
    #expect(Set(wholes[..<3]) == [hexadecimal(SHA256.hash(data: bytes))])
    #expect(wholes[3] != wholes[0])
    let reader = MemberReader(zipped)
    #expect(await reader.contentID() == contents[0])
    #expect(String(contents[0]?.seed ?? 0, radix: 16) == String(want.prefix(16).drop { $0 == "0" }))
    #expect(await reader.next()?.offset == 0)
  }

  @Test func `a line is fetched again with its neighbours`() async throws {
    let scratch = try Scratch()
    let bytes = requests(9_000)
    let input = try scratch.write(gzip(bytes))
    let lines = await read(input).lines
    for index in [0, 1, 4_321, 8_998, 8_999] {
      for offset in [lines[index].offset, lines[index].offset + 5] {
        let fetched = await LineFetch.line(at: offset, of: input, context: 2)
        #expect(fetched?.number == index + 1)
        #expect(fetched?.line == lines[index].text)
        #expect(fetched?.before == lines[max(0, index - 2)..<index].map(\.text))
        #expect(fetched?.after == lines[(index + 1)...].prefix(2).map(\.text))
      }
    }
    #expect(await LineFetch.line(at: bytes.count, of: input, context: 2) == nil)
    let object = await LineFetch.line(at: 10, of: input, context: 0, length: 400)
    #expect(object?.line == Array(bytes[10..<410]))
  }
}
