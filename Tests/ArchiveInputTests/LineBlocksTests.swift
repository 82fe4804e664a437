internal import IncidentModel
import Testing

@testable import ArchiveInput

struct LineBlocksTests {
  @Test func `every chunking gives the same lines`() async throws {
    let scratch = try Scratch()
    let bytes = Array("a\n\nbcd\r\nefghij\n\n\nk\nlm no\nlast".utf8)
    let plain = try scratch.write(bytes, "plain.log")
    let zipped = try scratch.write(gzip(bytes), "zipped.log")
    let want = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    for input in [plain, zipped] {
      for block in 1...bytes.count + 1 {
        for chunk in [1, 2, 3, 5, 7, 64] {
          var limits = smallBlocks
          limits.blockBytes = block
          limits.readBytes = chunk
          let reading = await read(input, limits)
          #expect(reading.lines.map(\.text) == want, "block \(block), chunk \(chunk)")
          #expect(
            reading.lines.allSatisfy { Array(bytes[$0.offset...].prefix($0.text.count)) == $0.text }
          )
          #expect(reading.lastBlocks == 1)
          #expect(reading.end.problems.isEmpty)
          #expect(reading.end.decompressedBytes == bytes.count)
        }
      }
    }
  }

  @Test(arguments: [0, 1, 63, 4_095, 33_791, 33_793, 65_534, 65_535, 65_536, 65_537, 70_000])
  func `a small file is one block that is hardly larger than it`(size: Int) async throws {
    let scratch = try Scratch()
    let bytes = (0..<size).map { $0 % 50 == 49 ? 10 : UInt8(97 + $0 % 26) }
    var limits = InputLimits()
    limits.blockBytes = 128 << 10
    for input in [try scratch.write(bytes, "plain.log"), try scratch.write(gzip(bytes), "a.gz")] {
      let reader = MemberReader(input, limits: limits)
      _ = await reader.nextMember()
      let block = try #require(await reader.next())
      #expect(Array(block.bytes.prefix(block.count)) == bytes)
      #expect(block.isLast)
      #expect(await reader.next() == nil)
      if size < 65_536 { #expect(block.bytes.count <= size + 1) }
      #expect(await reader.summary().decompressedBytes == size)
      #expect(await reader.finish().sha256 != nil)
    }
  }

  @Test func `lines over the limit are cut out and keep their numbers`() async throws {
    let scratch = try Scratch()
    let limit = 8
    let alphabet = [0, 1, 7, 8, 9, 10, 17, 40]
    for first in alphabet {
      for second in alphabet {
        for ending in ["", "\n"] {
          let lengths = [first, second, 3, second]
          let texts = lengths.map { [UInt8](repeating: 120, count: $0) }
          let bytes = Array(texts.joined(separator: [10])) + Array(ending.utf8)
          let input = try scratch.write(bytes)
          for block in [1, 4, 9, 64] {
            var limits = smallBlocks
            limits.maxLineBytes = limit
            limits.blockBytes = block
            limits.readBytes = 5
            let reading = await read(input, limits)
            let tooLong = lengths.filter { $0 > limit }
            #expect(reading.cuts.map(\.length) == tooLong)
            #expect(reading.kinds == (tooLong.isEmpty ? [] : [.tooLongLine]))
            var wanted = lengths.indices.filter { lengths[$0] <= limit }.map { $0 + 1 }
            // An empty last line without a newline is no line.
            if ending.isEmpty, lengths.last == 0 { wanted.removeLast() }
            #expect(reading.lines.map(\.number) == wanted, "\(lengths) \(block)")
            #expect(reading.end.decompressedBytes == bytes.count)
          }
        }
      }
    }
  }

  @Test func `a line of exactly one mebibyte is kept and one more byte is too long`() async throws {
    let scratch = try Scratch()
    let long = [UInt8](repeating: 97, count: 1 << 20)
    let input = try scratch.write([98, 10] + long + [10] + long + [97, 10, 99, 10])
    let reading = await read(input)
    #expect(reading.lines.map(\.number) == [1, 2, 4])
    #expect(reading.lines.map(\.text.count) == [1, 1 << 20, 1])
    #expect(reading.cuts.map(\.offset) == [3 + 1 << 20])
    #expect(reading.cuts.map(\.excerpt.count) == [160])
  }

  @Test func `a JSON document on one long line is read where the caller allows it`() async throws {
    let scratch = try Scratch()
    let input = try scratch.write([UInt8](repeating: 97, count: 3 << 20))
    let reader = MemberReader(input)
    await reader.allowLines(upTo: 4 << 20)
    let block = await reader.next()
    #expect(block?.count == 3 << 20)
    #expect(block?.isLast == true)
  }

  @Test func `a byte-order mark is skipped and its bytes count`() async throws {
    let scratch = try Scratch()
    let bytes: [UInt8] = [0xef, 0xbb, 0xbf] + Array("one\ntwo\n".utf8)
    for file in [bytes, gzip(bytes)] {
      let reading = await read(try scratch.write(file))
      #expect(reading.text == "one\ntwo\n")
      #expect(reading.lines.map(\.offset) == [3, 7])
    }
  }

  @Test func `NUL bytes are told once and the lines after them are read`() async throws {
    let scratch = try Scratch()
    let bytes = Array("one\n".utf8) + [UInt8](repeating: 0, count: 500) + Array("\ntwo\n".utf8)
    let reading = await read(try scratch.write(bytes))
    #expect(reading.kinds == [.nulBytes])
    #expect(reading.end.problems.map(\.offset) == [4])
    #expect(reading.lines.map(\.offset) == [0, 4, 505])
  }

  @Test func `UTF-16 of either byte order is read as UTF-8 and that is said`() async throws {
    let scratch = try Scratch()
    let text = "GET /caf\u{e9} \u{20ac} \u{1f4c8}\nGET /\u{0}x\r\nlast"
    for isBigEndian in [false, true] {
      let units = [0xfeff] + Array(text.utf16)
      let bytes: [UInt8] = units.flatMap { unit in
        isBigEndian
          ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
      }
      for chunk in [1, 3, 64, 4_096] {
        var limits = smallBlocks
        limits.readBytes = chunk
        limits.blockBytes = chunk
        for file in [bytes, gzip(bytes)] {
          let reading = await read(try scratch.write(file), limits)
          #expect(reading.text == text)
          #expect(reading.kinds == [.transcoded, .nulBytes])
          #expect(reading.lines.map(\.offset) == [0, 20, 29])
          #expect(reading.end.decompressedBytes == bytes.count)
        }
      }
    }
  }

  @Test func `what is no UTF-16 is replaced and told with its place`() async throws {
    let scratch = try Scratch()
    let bytes: [UInt8] = [0xff, 0xfe, 97, 0, 0x00, 0xd8, 98, 0, 10, 0, 0x00, 0xdc, 10, 0, 99]
    let reading = await read(try scratch.write(bytes))
    #expect(reading.text == "a\u{fffd}b\n\u{fffd}\n\u{fffd}")
    #expect(reading.kinds == [.transcoded, .invalidEncoding])
    #expect(reading.end.problems.last?.offset == 4)
  }

  @Test func `UTF-16 longer than a chunk loses no character at the borders`() async throws {
    let scratch = try Scratch()
    let text = String(repeating: "x\u{1f4c8}\u{e9}\n", count: 9_001)
    let units = [0xfeff] + Array(text.utf16)
    let bytes: [UInt8] = units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let reading = await read(try scratch.write(bytes))
    #expect(reading.text == text)
    #expect(reading.lines.count == 9_001)
  }

  @Test func `lines that end in carriage returns alone are lines and keep their offsets`()
    async throws
  {
    let scratch = try Scratch()
    let bytes = Array("one\rtwo\r\rlast".utf8)
    for chunk in 1...bytes.count {
      var limits = smallBlocks
      limits.readBytes = chunk
      limits.blockBytes = chunk
      let reading = await read(try scratch.write(bytes), limits)
      #expect(reading.lines.map(\.text) == ["one", "two", "", "last"].map { Array($0.utf8) })
      #expect(reading.lines.map(\.offset) == [0, 4, 8, 9])
      #expect(reading.kinds == [.carriageReturns])
      #expect(reading.end.problems.first?.offset == 3)
    }
  }

  @Test func `carriage returns beside newlines stay where they are`() async throws {
    let scratch = try Scratch()
    for text in ["one\r\ntwo\r\n", "o\rne\ntwo", "one\r\n", "\n\r"] {
      let reading = await read(try scratch.write(Array(text.utf8)))
      #expect(reading.text == text)
      #expect(reading.kinds.isEmpty)
    }
    // The first 64 KiB hold no newline; what comes later is still told apart.
    let head = Array(repeatElement(Array("0123456\r".utf8), count: 8_192).joined())
    let reading = await read(try scratch.write(head + Array("a\r\nb\n".utf8)))
    #expect(reading.lines.count == 8_194)
    #expect(reading.lines.dropLast().last?.text == Array("a\r".utf8))
  }

  @Test func `bytes that are no UTF-8 are told with the first place and read as they are`()
    async throws
  {
    let scratch = try Scratch()
    let sound = Array("caf\u{e9} \u{20ac} \u{1f4c8} \u{7ff}\u{800}\u{ffff}\u{10ffff}\n".utf8)
    #expect(await read(try scratch.write(sound)).kinds.isEmpty)
    let broken: [[UInt8]] = [
      [0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82],
      [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff],
      [0xf0, 0x9f, 0x93],
    ]
    for bytes in broken {
      #expect(String(validating: bytes, as: UTF8.self) == nil, "the library agrees")
      let reading = await read(try scratch.write(sound + Array("ab".utf8) + bytes + [10, 97]))
      #expect(reading.kinds == [.invalidEncoding], "\(bytes)")
      #expect(reading.end.problems.first?.offset == sound.count + 2)
      #expect(reading.lines.count == 3)
      #expect(reading.lines[1].text == Array("ab".utf8) + bytes)
    }
  }

  @Test func `an empty file gives one empty last block and a problem`() async throws {
    let scratch = try Scratch()
    for file in [[], gzip([])] {
      let reading = await read(try scratch.write(file))
      #expect(reading.lines.isEmpty)
      #expect(reading.lastBlocks == 1)
      #expect(reading.kinds == [.empty])
    }
  }

  @Test func `a handed-back array is filled again`() async throws {
    let scratch = try Scratch()
    let reader = MemberReader(try scratch.write(requests(20_000)))
    var block = await reader.next()
    var places: Set<UInt> = []
    while let bytes = block?.bytes {
      places.insert(place(bytes))
      block = nil
      block = await reader.next(recycling: consume bytes)
    }
    #expect(places.count <= 2)
  }

  @Test func `arrays given back while the next block is read go round without copies`() async throws
  {
    let scratch = try Scratch()
    let bytes = requests(20_000)
    let reader = MemberReader(try scratch.write(bytes), limits: smallBlocks)
    var places: Set<UInt> = []
    var count = 0
    var current = await reader.next()
    while let block = current {
      async let ahead = reader.next()
      places.insert(place(block.bytes))
      count += block.count
      current = await ahead
      reader.giveBack(block.bytes)
    }
    #expect(count == bytes.count)
    #expect(places.count == 2)
  }

  private func place(_ bytes: [UInt8]) -> UInt {
    // Safe: the address is compared, never followed.
    unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }
}
