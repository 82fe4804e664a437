import FloodmarkTestSupport
internal import IncidentModel
import Testing

@testable import ArchiveInput

/// Files that are no logs and hold none that is read.
struct ForeignFileTests {
  static let samples: [(bytes: [UInt8], kind: InputProblem.Kind, word: String)] = [
    (Array("Rar!".utf8) + [0x1a, 7, 0, 0xcf], .unreadable, "RAR"),
    (Array("Rar!".utf8) + [0x1a, 7, 1, 0, 0xcf], .unreadable, "RAR"),
    (Array("MSCF".utf8) + [0, 0, 0, 0, 1], .unreadable, "cabinet"),
    (Array("!<arch>\ndebian-binary   1342943816".utf8), .unreadable, "Debian"),
    (Array("!<arch>\na.o/   1342943816".utf8), .unreadable, "ar archive"),
    ([UInt8](repeating: 0, count: 32_769) + Array("CD001".utf8), .unreadable, "disc"),
    (Array("-----BEGIN PGP MESSAGE-----\n\nhQ".utf8), .encrypted, "OpenPGP"),
    ([0x85, 2, 0x0c, 3, 1, 2, 3], .encrypted, "OpenPGP"),
    (Array("age-encryption.org/v1\n-> X25519 a".utf8), .encrypted, "age"),
    (Array("Salted__".utf8) + [0, 1, 2, 3], .encrypted, "openssl"),
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12345\n".utf8),
      .unreadable, "Git LFS"
    ),
    (Array("PAR1".utf8) + [0x15, 4, 0x15, 0], .unreadable, "Parquet"),
    (Array("SQLite format 3".utf8) + [0, 16, 0], .unreadable, "SQLite"),
    ([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], .noLogs, "packets"),
    (Array("ElfFile".utf8) + [0, 0, 0], .unreadable, "Windows"),
    (Array("LPKSHHRH".utf8) + [0, 0, 0], .unreadable, "systemd"),
    ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0], .noLogs, "PNG"),
  ]

  static func words(_ end: MemberEnd?) -> String {
    (end?.problems.first?.detail.pieces ?? []).map {
      if case .words(let text) = $0 { text } else { "…" }
    }.joined()
  }

  @Test(arguments: samples.indices)
  func `a file that is not read is named, and what to do with it`(index: Int) async throws {
    let scratch = try Scratch()
    let sample = Self.samples[index]
    let input = try scratch.write(sample.bytes)
    let reading = await readAll(input)
    #expect(reading.kinds == [sample.kind])
    #expect(reading.members.isEmpty)
    #expect(Self.words(reading.end.notes.first).contains(sample.word))
    #expect(reading.end.sha256 != nil)
    #expect(await MemberReader(input).summary().problems.map(\.kind) == [sample.kind])
    let packed = try archive(
      [ArchiveItem("a", sample.bytes), ArchiveItem("b.log", requests(2))], as: .tar)
    let both = await readAll(try scratch.write(packed, "both.tar"))
    #expect(both.names == ["b.log"])
    #expect(both.problems.map(\.name) == ["a"])
  }

  @Test(arguments: [
    "PAR1 - - [16/Jul/2018:19:00:00 +0000] \"GET / HTTP/1.1\" 200 7\n", "ORCA started\n",
    "Salted__ peanuts\n", "GIF8 served\n", "hsqs mounted\n",
  ])
  func `a text that begins like one of them is read`(text: String) async throws {
    let scratch = try Scratch()
    let reading = await read(try scratch.write(Array(text.utf8)))
    #expect(reading.text == text)
    #expect(reading.kinds.isEmpty)
  }

  @Test func `an lz4 file that begins with a frame to be skipped is lz4`() async throws {
    let scratch = try Scratch()
    let text = requests(20)
    let frame = try compressed(text, as: .lz4)
    for length in [0, 3, 600, 40_000] {
      let size = [UInt8(length & 0xff), UInt8(length >> 8), 0, 0]
      let skipped: [UInt8] =
        [0x5a, 0x2a, 0x4d, 0x18] + size + [UInt8](repeating: 0x28, count: length)
      for file in [skipped + frame, skipped + skipped + frame] where file.count < 65_000 {
        let reading = await readMember(try scratch.write(file))
        #expect(reading.bytes == text)
        #expect(reading.end.container == "lz4")
        #expect(reading.kinds.isEmpty)
      }
      let zstd = try await readMember(
        scratch.write(skipped + skipped + compressed(text, as: .zstd)))
      #expect(zstd.bytes == text)
      #expect(zstd.end.container == "zstd")
    }
  }

  @Test func `a cut 7z says that it ends early, and how long it should be`() async throws {
    let scratch = try Scratch()
    let bytes = try archive(threeLogs, as: .sevenZip)
    for cut in [7, 31, 32, 100, bytes.count / 2, bytes.count - 1] {
      let reading = await readAll(try scratch.write(Array(bytes.prefix(cut))))
      #expect(reading.kinds == [.truncated], "\(cut)")
      #expect(Self.words(reading.end.notes.first).contains("ends early"), "\(cut)")
      let counts = reading.end.notes.first?.problems.first?.detail.pieces ?? []
      #expect(cut < 32 || counts.contains(.count(bytes.count)), "\(cut)")
    }
    var damaged = bytes
    damaged[15] ^= 0x40
    #expect(await readAll(try scratch.write(damaged)).kinds == [.corrupt])
  }

  @Test func `a stopped bomb tells its ratio and the option that allows more`() async throws {
    let scratch = try Scratch()
    var limits = smallBlocks
    limits.maxExpansionRatio = 50
    limits.expansionFloorBytes = 1 << 20
    let line = [UInt8](repeating: 97, count: 4_095) + [10]
    let long = Array(repeatElement(line, count: 1_024).joined())
    let reading = await readMember(try scratch.write(gzip(long, level: 9)), limits)
    #expect(reading.kinds == [.bomb])
    #expect(Self.words(reading.end).contains("--max-expansion"))
    let counts = (reading.end.problems.first?.detail.pieces ?? []).compactMap {
      if case .count(let count) = $0 { count } else { nil }
    }
    #expect(counts.count == 4 && counts[2] == counts[1] / counts[0] && counts[2] >= 50)
  }
}
