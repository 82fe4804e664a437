import FloodmarkTestSupport
import FoundationEssentials
internal import IncidentModel
import Testing

@testable import ArchiveInput

/// Files of wrong bytes: no container, text layer or cutter of lines may crash on them or run away.
struct InputFuzzTests {
  /// Every container that can be written here, and gzip, alone and inside of each other.
  static let containers: [String] =
    ArchiveShape.allCases.map { "\($0)" } + StreamShape.allCases.map { "\($0)" }
    + ["gzip", "gzip-twice", "tar-in-zip", "zip-in-tar"]

  private static func container(_ name: String) throws -> [UInt8] {
    let items = [
      ArchiveItem("web-1.log", requests(60)), ArchiveItem("empty", []),
      ArchiveItem("../etc/x.log.gz", gzip(requests(20))),
    ]
    if let shape = ArchiveShape.allCases.first(where: { "\($0)" == name }) {
      return try archive(items, as: shape)
    }
    if let shape = StreamShape.allCases.first(where: { "\($0)" == name }) {
      return try compressed(archive(items, as: .tar), as: shape)
    }
    switch name {
    case "gzip": return gzip(requests(200))
    case "gzip-twice": return gzip(gzip(requests(100)) + gzip(requests(30)))
    case "tar-in-zip":
      return try archive([ArchiveItem("a.tar", archive(items, as: .tar))], as: .zip)
    default: return try archive([ArchiveItem("a.zip", archive(items, as: .zip))], as: .tar)
    }
  }

  @Test(arguments: containers)
  func `a mutated container gives what it gives, and the survey sees the same`(
    _ name: String
  ) async throws {
    let scratch = try Scratch()
    let whole = try Self.container(name)
    let other = try Self.container("zip")
    let rounds = FuzzRounds("container-\(name)", count: 12)
    var numbers = FuzzNumbers(seed: rounds.seed)
    var limits = smallBlocks
    limits.expansionFloorBytes = 4 << 20
    for round in 0..<rounds.count {
      let broken = ByteMutation.mutated(whole, with: other, &numbers)
      rounds.keep(broken)
      let input = try scratch.write(broken)
      let reading = await readAll(input, limits)
      #expect(reading.end.bytesOnDisk == broken.count, "\(rounds.words), round \(round)")
      let survey = await FileSurvey(input, limits: limits)
      #expect(
        survey.members.map(\.name) == reading.members.map(\.end.name),
        "\(rounds.words), round \(round)")
    }
  }

  /// Files that once broke the reader; each was told wrong only now and then, by what lay in memory.
  @Test func `what once crashed is read to its end`() async throws {
    let folder = Fixture.path("crashers")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(!names.isEmpty)
    let scratch = try Scratch()
    for name in names {
      let bytes = try Fixture.bytes("crashers/\(name)")
      for _ in 0..<20 {
        let reading = await readAll(try scratch.write(bytes))
        #expect(reading.end.bytesOnDisk == bytes.count, "\(name)")
        #expect(!reading.kinds.isEmpty, "\(name)")
      }
    }
  }

  /// Text with long and short lines, all line ends and all that is no text.
  private static func text(_ numbers: inout FuzzNumbers) -> [UInt8] {
    let parts = ["GET /", "ä€😀", "\u{0}", "\r\n", "\n", "\r", "\u{FEFF}", "x"].map {
      Array($0.utf8)
    }
    var bytes: [UInt8] = []
    for _ in 0..<numbers.below(400) {
      let part = parts[numbers.below(parts.count)]
      for _ in 0...(numbers.below(30) == 0 ? numbers.below(900) : 0) { bytes += part }
    }
    return ByteMutation.mutated(bytes, with: requests(3), &numbers)
  }

  @Test func `blocks hold every line that is short enough, at its place`() async throws {
    let scratch = try Scratch()
    let rounds = FuzzRounds("blocks", count: 40)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      var limits = smallBlocks
      limits.blockBytes = 1 + numbers.below(3_000)
      limits.maxLineBytes = 200 + numbers.below(2_000)
      let bytes = Array("a\n".utf8) + Self.text(&numbers)
      rounds.keep(bytes)
      let reading = await read(try scratch.write(bytes), limits)
      let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      var expected: [[UInt8]] = []
      for (index, line) in lines.enumerated() {
        if index == lines.count - 1 && line.isEmpty { continue }
        if line.count <= limits.maxLineBytes { expected.append(Array(line)) }
      }
      #expect(reading.lines.map(\.text) == expected, "\(rounds.words), round \(round)")
      for line in reading.lines {
        let isAtPlace = bytes[line.offset...].starts(with: line.text)
        #expect(isAtPlace, "\(rounds.words), round \(round)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `UTF-16 is read as Unicode reads it`(isBigEndian: Bool) async throws {
    let scratch = try Scratch()
    let rounds = FuzzRounds("utf16-\(isBigEndian)", count: 40)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      var units = Array(String(decoding: Self.text(&numbers), as: UTF8.self).utf16)
      for _ in 0..<numbers.below(6) where !units.isEmpty {
        // Halves of pairs, alone and in the wrong order.
        units[numbers.below(units.count)] = UInt16(0xd800 + numbers.below(0x800))
      }
      var bytes: [UInt8] = isBigEndian ? [0xfe, 0xff] : [0xff, 0xfe]
      for unit in units {
        let halves = [UInt8(unit >> 8), UInt8(unit & 0xff)]
        bytes += isBigEndian ? halves : halves.reversed()
      }
      let isOdd = numbers.below(4) == 0
      if isOdd { bytes.append(0x41) }
      rounds.keep(bytes)
      let reading = await readMember(try scratch.write(bytes), smallBlocks)
      var expected = Array(String(decoding: units, as: UTF16.self).utf8)
      if isOdd { expected += UTF8.encodedReplacementCharacter }
      #expect(reading.bytes == expected, "\(rounds.words), round \(round)")
    }
  }

  @Test func `any file is read to its end`() async throws {
    let scratch = try Scratch()
    let rounds = FuzzRounds("any", count: 60)
    var numbers = FuzzNumbers(seed: rounds.seed)
    let heads: [[UInt8]] = [
      [0x1f, 0x8b, 8], [0x28, 0xb5, 0x2f, 0xfd], [0x42, 0x5a, 0x68, 0x39], [0x50, 0x4b, 3, 4],
      [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], [0x04, 0x22, 0x4d, 0x18], Array("LZIP".utf8),
      [0x1f, 0x9d],
      [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], Array("070701".utf8), [0xff, 0xfe], [0xef, 0xbb, 0xbf],
      [0xc7, 0x71], [0x50, 0x4b, 5, 6], [],
    ]
    for round in 0..<rounds.count {
      let noise = (0..<numbers.below(3_000)).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
      let bytes = heads[round % heads.count] + noise
      rounds.keep(bytes)
      let reading = await readAll(try scratch.write(bytes))
      #expect(reading.end.bytesOnDisk == bytes.count, "\(rounds.words), round \(round)")
    }
  }
}
