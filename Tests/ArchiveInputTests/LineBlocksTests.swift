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

  @Test func `UTF-16 is told`() async throws {
    let scratch = try Scratch()
    let reading = await read(try scratch.write([0xff, 0xfe, 97, 0, 10, 0]))
    #expect(reading.kinds == [.invalidEncoding, .nulBytes])
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

  private func place(_ bytes: [UInt8]) -> UInt {
    // Safe: the address is compared, never followed.
    unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }
}
