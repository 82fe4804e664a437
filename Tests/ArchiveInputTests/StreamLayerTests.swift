import FloodmarkTestSupport
import Foundation
internal import IncidentModel
internal import SystemPackage
import Testing

@testable import ArchiveInput

/// Compressed streams that are cut, corrupt, several, padded, or too large.
struct StreamLayerTests {
  static let codecs: [StreamShape] = [.zstd, .bzip2, .xz, .lz4, .lzip]

  /// Hardly compressible, so that a cut falls into many places of the text; two blocks of zstd.
  static let text: [UInt8] = {
    var numbers = SeededNumbers(state: 7)
    return (0..<5_000).flatMap { _ in Array("GET /\(numbers.next() % 1_000_000_007) 200\n".utf8) }
  }()

  static func cuts(_ count: Int) -> [Int] {
    (1..<50).map { count * $0 / 50 } + [count - 1]
  }

  /// How long the text is that the codec's own tool makes of these bytes; nil where it is not installed.
  static func toolLength(_ shape: StreamShape, _ file: String) throws -> Int? {
    let folders = ["/usr/bin/", "/bin/", "/usr/local/bin/"]
    let path = folders.map { $0 + shape.rawValue }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    guard let path else { return nil }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = ["-dc", file]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return bytes.count
  }

  @Test(arguments: codecs)
  func `a stream cut anywhere gives no less than the codec's own tool`(
    shape: StreamShape
  ) async throws {
    let scratch = try Scratch()
    let bytes = try compressed(Self.text, as: shape)
    var longest = 0
    for cut in Self.cuts(bytes.count) {
      let input = try scratch.write(Array(bytes.prefix(cut)))
      let reading = await readMember(input)
      #expect(Self.text.starts(with: reading.bytes), "cut at \(cut)")
      #expect(reading.bytes.count >= longest, "cut at \(cut): more input never gives fewer bytes")
      longest = reading.bytes.count
      if let least = try Self.toolLength(shape, input.path.string) {
        // lzip makes up what lies behind the end, so its last match, of at most 273 bytes, is a guess.
        #expect(longest + (shape == .lzip ? 273 : 0) >= least, "cut at \(cut)")
      }
      #expect(reading.kinds == [.truncated], "cut at \(cut)")
      #expect(reading.end.truncatedAt == longest)
      #expect(reading.end.problems.first?.offset == longest)
    }
    // Here zstd writes no checksum: what is cut is its last block.
    if shape != .zstd { #expect(longest == Self.text.count, "only the checksum is cut") }
  }

  @Test(arguments: codecs)
  func `a short stream cut at any byte is told and read again alike in small pieces`(
    shape: StreamShape
  ) async throws {
    let scratch = try Scratch()
    let text = requests(4)
    let bytes = try compressed(text, as: shape)
    var tiny = smallBlocks
    tiny.readBytes = 1
    for cut in 1..<bytes.count {
      let input = try scratch.write(Array(bytes.prefix(cut)))
      let reading = await readMember(input, smallBlocks)
      // One byte, or the first letters of `BZh`, could be a text as well.
      if cut < (shape == .bzip2 ? 4 : 2) { continue }
      #expect(text.starts(with: reading.bytes), "cut at \(cut)")
      #expect(reading.kinds == [.truncated], "cut at \(cut)")
      let again = await readMember(input, tiny)
      #expect(again.bytes == reading.bytes, "cut at \(cut)")
      #expect(again.kinds == reading.kinds, "cut at \(cut)")
    }
  }

  @Test(arguments: codecs)
  func `several streams, padding and what is none behind them`(shape: StreamShape) async throws {
    let scratch = try Scratch()
    let one = try compressed(Array("one\ntw".utf8), as: shape)
    let none = try compressed([], as: shape)
    let two = try compressed(Array("o\n".utf8), as: shape)
    let whole = await readMember(try scratch.write(one + none + two))
    #expect(whole.text == "one\ntwo\n")
    #expect(whole.kinds.isEmpty)
    let padded = await readMember(try scratch.write(one + [0, 0, 0, 0] + two + [0, 0, 0, 0]))
    #expect(padded.text == "one\ntwo\n")
    #expect(padded.kinds.isEmpty)
    let soiled = await readMember(try scratch.write(one + two + Array("no more".utf8)))
    #expect(soiled.text == "one\ntwo\n")
    #expect(soiled.kinds == [.trailingGarbage])
    let cut = await readMember(try scratch.write(one + two.prefix(3)))
    #expect(cut.text == "one\ntw")
    #expect(cut.kinds == [.truncated])
  }

  @Test(arguments: [StreamShape.zstd, .lz4])
  func `frames that are to be skipped are skipped`(shape: StreamShape) async throws {
    let scratch = try Scratch()
    let skipped: [UInt8] = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
    let frame = try compressed(Array("one\n".utf8), as: shape)
    let reading = await readMember(try scratch.write(frame + skipped + frame + skipped))
    #expect(reading.text == "one\none\n")
    #expect(reading.kinds.isEmpty)
  }

  @Test(arguments: [StreamShape.zstd, .lz4])
  func `a wrong checksum keeps the bytes and the next frame is read`(shape: StreamShape)
    async throws
  {
    let scratch = try Scratch()
    // zstd -1 --check and lz4 write one; its last four bytes are the checksum of the content.
    var frame: [UInt8] =
      shape == .zstd
      ? [
        0x28, 0xb5, 0x2f, 0xfd, 4, 0x58, 0x21, 0, 0, 0x6f, 0x6e, 0x65, 0x0a, 0xdf, 0x16, 0x68, 9,
      ] : try compressed(Array("one\n".utf8), as: .lz4)
    frame[frame.count - 1] ^= 0x10
    let next = try compressed(Array("two\n".utf8), as: shape)
    for chunk in [1, 4, 1_000] {
      var limits = smallBlocks
      limits.readBytes = chunk
      let reading = await readMember(try scratch.write(frame + next), limits)
      #expect(reading.text == "one\ntwo\n")
      #expect(reading.kinds == [.corrupt])
    }
  }

  @Test(arguments: codecs)
  func `a flipped bit keeps the text before it and is never passed over in silence`(
    shape: StreamShape
  ) async throws {
    let scratch = try Scratch()
    let bytes = try compressed(Self.text, as: shape)
    let seed: UInt64 = 0xf11b_0000
    var numbers = SeededNumbers(state: seed)
    for round in 0..<20 {
      var broken = bytes
      let place = Int.random(in: bytes.count / 2..<broken.count, using: &numbers)
      broken[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      let reading = await readMember(try scratch.write(broken))
      if reading.bytes != Self.text, shape != .zstd {
        #expect(!reading.kinds.isEmpty, "SeededNumbers(state: \(seed)), round \(round)")
      }
      // A block of bzip2 holds all of this text, one of zstd 128 KiB of it.
      if shape != .bzip2, shape != .zstd {
        let half = Self.text.prefix(Self.text.count / 4)
        #expect(reading.bytes.starts(with: half), "SeededNumbers(state: \(seed)), round \(round)")
      }
    }
  }

  @Test(arguments: [StreamShape.zstd, .lz4])
  func `blocks before a broken one are kept, however they came in`(shape: StreamShape) async throws
  {
    let scratch = try Scratch()
    // A block of lz4 is 4 MiB, one of zstd 128 KiB.
    let text = Array(repeatElement(Self.text, count: shape == .lz4 ? 50 : 3).joined())
    var bytes = try compressed(text, as: shape)
    let blocks = Self.blockPlaces(bytes, shape)
    #expect(blocks.count > 1)
    let last = try #require(blocks.last)
    let before = await readMember(try scratch.write(Array(bytes.prefix(last)))).bytes.count
    #expect(before > 0)
    // A kind of block that there is not, and a block that is longer than any may be.
    for place in last..<last + 3 { bytes[place] = 0xff }
    for chunk in [500, 1 << 20] {
      var limits = InputLimits()
      limits.readBytes = chunk
      let reading = await readMember(try scratch.write(bytes), limits)
      #expect(reading.kinds == [.corrupt])
      #expect(reading.bytes.count == before)
      #expect(reading.end.truncatedAt == before)
    }
  }

  /// Where the headers of the blocks of one frame stand.
  static func blockPlaces(_ bytes: [UInt8], _ shape: StreamShape) -> [Int] {
    var places: [Int] = []
    if shape == .lz4 {
      var place = 7 + (bytes[4] & 8 != 0 ? 8 : 0)
      while place + 4 <= bytes.count, bytes[place..<place + 4].contains(where: { $0 != 0 }) {
        places.append(place)
        let size =
          Int(bytes[place]) | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]) << 16
        place += 4 + size + (bytes[4] & 16 != 0 ? 4 : 0)
      }
      return places
    }
    let isSingle = bytes[4] & 32 != 0
    var place = 5 + (isSingle ? 0 : 1) + [isSingle ? 1 : 0, 2, 4, 8][Int(bytes[4] >> 6)]
    while place + 3 <= bytes.count {
      places.append(place)
      let header = Int(bytes[place]) | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]) << 16
      if header & 1 == 1 { break }
      place += 3 + (header >> 1 & 3 == 1 ? 1 : header >> 3)
    }
    return places
  }

  @Test func `a window that no memory is there for is refused by name`() async throws {
    let scratch = try Scratch()
    // RFC 8878 §3.1.1.1: no content size, a window of 2 GiB; the last block is empty.
    let zstd: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0]
    // lzip's header: a dictionary of 512 MiB; what follows is never looked at.
    let lzip = Array("LZIP".utf8) + [1, 29] + [UInt8](repeating: 0, count: 40)
    for file in [zstd, lzip] {
      let reading = await readMember(try scratch.write(file))
      #expect(reading.kinds == [.unreadable])
      #expect(
        reading.end.problems.first?.detail.pieces.contains(.count(128 << 20)) == true)
    }
  }
}
