import FloodmarkTestSupport
internal import IncidentModel
import Testing

@testable import ArchiveInput

/// Archives that are cut, corrupt or made to do harm.
struct BrokenArchiveTests {
  /// Members that are long enough to be cut, and hardly compressible.
  static let items = (0..<4).map { number in
    var numbers = SeededNumbers(state: UInt64(number))
    let bytes = (0..<300).flatMap { _ in Array("GET /\(numbers.next()) 200\n".utf8) }
    return ArchiveItem("web-\(number).log", bytes)
  }

  static let manyLines = Array(repeatElement(requests(1_000), count: 20).joined())

  static func isPrefix(_ reading: FileReading) -> Bool {
    reading.members.allSatisfy { member in
      items.contains { item in
        Array(item.name) == Array((member.end.name.member ?? "").utf8)
          && item.bytes.starts(with: member.bytes)
      }
    }
  }

  @Test(arguments: ArchiveShape.allCases)
  func `an archive cut at every sixteenth keeps what stands before the cut`(
    shape: ArchiveShape
  ) async throws {
    let scratch = try Scratch()
    for isZipped in [false, true] {
      let whole = try archive(Self.items, as: shape)
      let bytes = isZipped ? gzip(whole) : whole
      var longest = 0
      for part in 1..<16 {
        let cut = Array(bytes.prefix(bytes.count * part / 16))
        let reading = await readAll(try scratch.write(cut))
        #expect(!reading.kinds.isEmpty, "\(part)/16")
        #expect(Self.isPrefix(reading), "\(part)/16")
        let length = reading.members.reduce(0) { $0 + $1.bytes.count }
        #expect(length >= longest, "\(part)/16: more input never gives fewer bytes")
        longest = length
        #expect(reading.problems.contains { $0.kind.isLossOfBytes }, "\(part)/16")
      }
      // Without its end a 7z has no names.
      if shape != .sevenZip {
        #expect(longest > Self.items.reduce(0) { $0 + $1.bytes.count } * 3 / 4)
      }
    }
  }

  @Test(arguments: StreamShape.allCases)
  func `a stream cut at every sixteenth keeps what stands before the cut`(
    shape: StreamShape
  ) async throws {
    let scratch = try Scratch()
    let text = Self.manyLines
    let bytes = try compressed(text, as: shape)
    var longest = 0
    for part in 1..<16 {
      let reading = await readMember(
        try scratch.write(Array(bytes.prefix(bytes.count * part / 16))))
      #expect(text.starts(with: reading.bytes))
      #expect(reading.bytes.count >= longest)
      longest = reading.bytes.count
      // compress(1) has no end mark: what is cut looks whole but for its last line.
      if shape == .compress { continue }
      #expect(reading.kinds == [.truncated], "\(part)/16")
      #expect(reading.end.truncatedAt == longest)
    }
  }

  @Test func `a cut tar in a zip is told at both and the members after it are read`() async throws {
    let scratch = try Scratch()
    let inner = try archive(Self.items, as: .tar)
    let file = try archive(
      [
        ArchiveItem("cut.tar.gz", Array(gzip(inner).prefix(9_000))),
        ArchiveItem("z.log", requests(5)),
      ], as: .zip)
    let reading = await readAll(try scratch.write(file))
    #expect(reading.names.last == "z.log")
    #expect(reading.members.last?.bytes == requests(5))
    #expect(reading.names.dropLast().allSatisfy { $0.hasPrefix("cut.tar.gz!web-") })
    let cut = reading.members.dropLast().last?.end
    #expect(cut?.problems.map(\.kind) == [.truncated])
    #expect(cut?.truncatedAt == cut?.decompressedBytes)
    #expect(reading.end.notes.first { $0.name.member == "cut.tar.gz" }?.problems.isEmpty == false)
  }

  @Test func `a tar with a broken header goes on behind it`() async throws {
    let scratch = try Scratch()
    var bytes = try archive(Self.items, as: .oldTar)
    let second = 512 + (Self.items[0].bytes.count + 511) / 512 * 512
    bytes[second + 10] ^= 0xff
    let reading = await readAll(try scratch.write(bytes))
    #expect(reading.names == ["web-0.log", "web-2.log", "web-3.log"])
    #expect(reading.kinds == [.corrupt])
  }

  @Test func `a zip without its directory is read from front to back`() async throws {
    let scratch = try Scratch()
    let bytes = try archive(Self.items, as: .zip)
    var broken = bytes
    // The first entry of the directory: PK 1 2.
    let place = (0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == [0x50, 0x4b, 1, 2] }
    broken[try #require(place)] ^= 0xff
    let reading = await readAll(try scratch.write(broken))
    #expect(reading.members.map(\.bytes) == Self.items.map(\.bytes))
    #expect(reading.kinds == [.corrupt])
  }

  @Test func `a member with a wrong checksum keeps its bytes and the next one is read`()
    async throws
  {
    let scratch = try Scratch()
    var bytes = try archive(Self.items, as: .storedZip)
    bytes[200] ^= 1
    let reading = await readAll(try scratch.write(bytes))
    #expect(reading.members.map(\.bytes.count) == Self.items.map(\.bytes.count))
    #expect(reading.problems.map(\.kind) == [.corrupt])
    #expect(reading.problems.first?.name == "web-0.log")
  }

  @Test(arguments: ArchiveShape.allCases)
  func `flipped bits in archives never crash`(shape: ArchiveShape) async throws {
    let scratch = try Scratch()
    let bytes = try archive(Self.items.map { ArchiveItem("a", $0.bytes) }, as: shape)
    let seed: UInt64 = 0xa2c4_0000 + UInt64(shape.rawValue.count)
    var numbers = SeededNumbers(state: seed)
    for round in 0..<40 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        let place = Int.random(in: 0..<broken.count, using: &numbers)
        broken[place] = UInt8.random(in: 0...255, using: &numbers)
      }
      let input = try scratch.write(broken)
      let reading = await readAll(input)
      #expect(reading.end.bytesOnDisk == broken.count, "SeededNumbers(state: \(seed)), \(round)")
      let survey = await FileSurvey(input)
      #expect(
        survey.members.map(\.name) == reading.members.map(\.end.name),
        "SeededNumbers(state: \(seed)), \(round)")
    }
  }

  @Test(arguments: StreamShape.allCases)
  func `flipped bits in compressed tars never crash`(shape: StreamShape) async throws {
    let scratch = try Scratch()
    let bytes = try compressed(archive(Self.items, as: .tar), as: shape)
    let seed: UInt64 = 0x57e0_0000 + UInt64(shape.rawValue.count)
    var numbers = SeededNumbers(state: seed)
    for round in 0..<25 {
      var broken = bytes
      let place = Int.random(in: 0..<broken.count, using: &numbers)
      broken[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
      let reading = await readAll(try scratch.write(broken))
      #expect(reading.end.bytesOnDisk == broken.count, "SeededNumbers(state: \(seed)), \(round)")
    }
  }

  @Test func `a bomb in a container is stopped and what came before is kept`() async throws {
    let scratch = try Scratch()
    let line = [UInt8](repeating: 97, count: 4_095) + [10]
    let long = Array(repeatElement(line, count: 2_048).joined())
    var limits = smallBlocks
    limits.maxExpansionRatio = 50
    limits.expansionFloorBytes = 1 << 20
    let first = ArchiveItem("first.log", requests(100))
    let bomb = ArchiveItem("bomb.log", long)
    let inner = try archive([first, bomb], as: .zip)
    let files = [
      inner, try archive([ArchiveItem("in.zip", inner)], as: .tar),
      try archive([first, ArchiveItem("b.gz", gzip(long))], as: .tar),
      try compressed(archive([first, bomb], as: .tar), as: .xz),
    ]
    for file in files {
      let reading = await readAll(try scratch.write(file), limits)
      #expect(reading.members.first?.bytes == first.bytes)
      #expect(reading.kinds.contains(.bomb), "\(reading.problems)")
      #expect(reading.members.reduce(0) { $0 + $1.bytes.count } < 3 << 20)
    }
    limits.expansionFloorBytes = 1 << 30
    for file in files {
      #expect(await readAll(try scratch.write(file), limits).kinds.isEmpty)
    }
  }

  @Test func `a bomb that nobody reads is stopped while it is passed over`() async throws {
    let scratch = try Scratch()
    let zeros = [UInt8](repeating: 0, count: 8 << 20)
    let file = gzip(
      try archive([ArchiveItem("zeros", zeros), ArchiveItem("z.log", requests(5))], as: .tar),
      level: 9)
    var limits = smallBlocks
    limits.maxExpansionRatio = 50
    limits.expansionFloorBytes = 1 << 20
    let reader = MemberReader(try scratch.write(file), limits: limits)
    #expect(await reader.nextMember()?.member == "zeros")
    #expect(await reader.nextMember() == nil)
    let end = await reader.finish()
    #expect(end.notes.flatMap(\.problems).contains { $0.kind == .bomb })
  }

  @Test func `zips in zips in zips are opened to the limit of nesting only`() async throws {
    let scratch = try Scratch()
    var file = try archive([ArchiveItem("x.log", [97, 10])], as: .zip)
    for _ in 0..<12 {
      file = try archive([ArchiveItem("a.zip", file), ArchiveItem("b.zip", file)], as: .zip)
    }
    let reading = await readAll(try scratch.write(file))
    #expect(reading.members.isEmpty)
    #expect(reading.kinds.allSatisfy { $0 == .tooDeep })
    #expect(reading.kinds.count == 1 << InputLimits().maxNesting)
  }

  @Test func `a hole of a petabyte is no loop and no memory`() async throws {
    let scratch = try Scratch()
    let bytes = Array("one\n".utf8) + [UInt8](repeating: 0, count: 4_096)
    var file = try archive(
      [ArchiveItem("s.log", bytes, kind: .sparse([0..<4, 4_099..<4_100]))], as: .tar)
    // The map of GNU's sparse format 1.0 is text: the second part's offset is moved out.
    let map = Array("\n4099\n".utf8)
    let place = (0..<file.count - map.count).first { Array(file[$0..<$0 + map.count]) == map }
    let far = Array("\n999999999999999\n1\n".utf8)
    file.replaceSubrange(try #require(place)..<(place ?? 0) + far.count, with: far)
    let reading = await readAll(try scratch.write(file))
    #expect(reading.members.allSatisfy { $0.bytes.count < 1 << 20 })
    #expect(!reading.kinds.isEmpty)
  }
}

extension InputProblem.Kind {
  /// Whether it tells of bytes that are missing.
  fileprivate var isLossOfBytes: Bool { [.truncated, .corrupt, .unreadable].contains(self) }
}
