internal import IncidentModel

/// What a run of bytes is, told by its first bytes and never by a name.
enum ContainerKind: String {
  case gzip, zstd, bzip2, xz, lz4, lzip, compress
  case zip, tar, cpio
  case sevenZip = "7z"

  /// How many bytes tell it: a tar header.
  private static let headBytes = 512

  /// Whether it holds members with names, and not one stream.
  var isArchive: Bool {
    switch self {
    case .zip, .tar, .cpio, .sevenZip: true
    default: false
    }
  }

  /// Its name in a sentence.
  var words: Sentence {
    switch self {
    case .gzip: "gzip"
    case .zstd: "zstd"
    case .bzip2: "bzip2"
    case .xz: "xz"
    case .lz4: "lz4"
    case .lzip: "lzip"
    case .compress: "compress"
    case .zip: "zip"
    case .tar: "tar"
    case .cpio: "cpio"
    case .sevenZip: "7z"
    }
  }

  /// Looks at what comes next, without taking it.
  init?(of source: PeekableBytes) {
    let head = source.peek(Self.headBytes)
    if let kind = ContainerKind(head) {
      self = kind == .zstd ? Self.behindSkippable(source) : kind
    } else if head.first == 0, Self.isEmptyTar(source.peek(ContentID.prefixBytes)) {
      self = .tar
    } else {
      return nil
    }
  }

  /// zstd and lz4 begin alike with frames that are to be skipped; what comes behind them tells which of the two it is, as far as it can be seen.
  private static func behindSkippable(_ source: PeekableBytes) -> ContainerKind {
    var place = 0
    while place + 8 <= ContentID.prefixBytes {
      let head = source.peek(place + 8).dropFirst(place).prefix(8)
      guard head.count == 8, head.dropFirst().starts(with: [0x2a, 0x4d, 0x18]),
        head.first.map({ $0 >> 4 }) == 0x5
      else { return head.starts(with: [0x04, 0x22, 0x4d, 0x18]) ? .lz4 : .zstd }
      place += 8 + head.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    return .zstd
  }

  /// Nothing but at least two blocks of zeros: a tar without members, which has no header either.
  private static func isEmptyTar(_ head: ArraySlice<UInt8>) -> Bool {
    (1_024..<ContentID.prefixBytes).contains(head.count) && head.count.isMultiple(of: 512)
      && head.allSatisfy { $0 == 0 }
  }

  /// Nil for text, and for whatever else is to be read as it stands.
  ///
  /// Magic numbers: RFC 1952, RFC 8878 §3.1.1, the .xz format 1.2.0 §2.1.1.1, the LZ4 frame format 1.6, lzip's manual "File format", compress(1), APPNOTE.TXT 4.3.7 and 4.3.16, 7zFormat.txt, cpio(5).
  init?(_ head: ArraySlice<UInt8>) {
    guard let first = head.first else { return nil }
    switch first {
    // A lone first byte of the magic can be nothing but a cut gzip.
    case 0x1f where head.starts(with: [0x1f, 0x8b]) || head.count == 1: self = .gzip
    case 0x1f where head.starts(with: [0x1f, 0x9d]): self = .compress
    case 0x28 where head.starts(with: [0x28, 0xb5, 0x2f, 0xfd]): self = .zstd
    case 0x50...0x5f where head.dropFirst().starts(with: [0x2a, 0x4d, 0x18]): self = .zstd
    case 0x42 where Self.isBzip2(head): self = .bzip2
    case 0xfd where head.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]): self = .xz
    case 0x04 where head.starts(with: [0x04, 0x22, 0x4d, 0x18]): self = .lz4
    case 0x02 where head.starts(with: [0x02, 0x21, 0x4c, 0x18]): self = .lz4
    case 0x4c where head.starts(with: Array("LZIP".utf8) + [1]): self = .lzip
    case 0x50 where Self.isZip(head): self = .zip
    case 0x37 where head.starts(with: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]): self = .sevenZip
    default:
      if Self.isTar(head) {
        self = .tar
      } else if Self.isCpio(head) {
        self = .cpio
      } else if let cut = Self.cutStream(head) {
        self = cut
      } else {
        return nil
      }
    }
  }

  /// A stream that was cut inside of its magic number, where no text looks like that.
  private static func cutStream(_ head: ArraySlice<UInt8>) -> ContainerKind? {
    let starts: [(ContainerKind, [UInt8])] = [
      (.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), (.zstd, [0x28, 0xb5, 0x2f, 0xfd]),
      (.lz4, [0x04, 0x22, 0x4d, 0x18]), (.lzip, Array("LZIP".utf8)),
    ]
    if head.count >= 2, let found = starts.first(where: { $0.1.starts(with: head) }) {
      return found.0
    }
    let isBlock = [0x31, 0x17].contains(head.dropFirst(4).first ?? 0x31)
    let isLevel = (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(head.dropFirst(3).first ?? 0)
    return (4..<10).contains(head.count) && head.starts(with: Array("BZh".utf8)) && isLevel
      && isBlock ? .bzip2 : nil
  }

  /// `BZh`, the size of the blocks, and the magic of the first block or of an empty stream's end.
  private static func isBzip2(_ head: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(head.prefix(10))
    guard bytes.count == 10, bytes.starts(with: Array("BZh".utf8)) else { return false }
    guard (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[3]) else { return false }
    return Array(bytes[4...]) == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
      || Array(bytes[4...]) == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
  }

  /// A local header, the end of an empty archive, or the mark of one that was split.
  private static func isZip(_ head: ArraySlice<UInt8>) -> Bool {
    [[3, 4], [5, 6], [7, 8]].contains { head.starts(with: [0x50, 0x4b] + $0) }
  }

  /// The header's sum must be right, so that no text is taken for a tar; one that is cut is told by its magic.
  private static func isTar(_ head: ArraySlice<UInt8>) -> Bool {
    let block = Array(head.prefix(512))
    guard let first = block.first, first != 0 || block.count == 512 else { return false }
    let hasMagic = block.count > 262 && block[257..<262].elementsEqual("ustar".utf8)
    guard block.count == 512 else { return hasMagic }
    guard let written = octal(block[148..<156]), written > 0 else { return false }
    var unsigned = 0
    var signed = 0
    for (index, byte) in block.enumerated() {
      let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      unsigned += Int(counted)
      signed += Int(Int8(bitPattern: counted))
    }
    return (written == unsigned || written == signed) && (first != 0 || hasMagic)
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == UInt8(ascii: " ") }
      .prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
    guard !digits.isEmpty else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 & 7) }
  }

  /// `newc` and `crc` with their 13 hexadecimal fields, `odc` with its 76 octal digits, or the old binary header of either byte order.
  private static func isCpio(_ head: ArraySlice<UInt8>) -> Bool {
    let digits = Array("0123456789abcdefABCDEF".utf8)
    if head.starts(with: Array("070701".utf8)) || head.starts(with: Array("070702".utf8)) {
      return head.count >= 110 && head.prefix(110).allSatisfy(digits.contains)
    }
    if head.starts(with: Array("070707".utf8)) {
      return head.count >= 76 && head.prefix(76).allSatisfy(digits.prefix(8).contains)
    }
    return head.count >= 26
      && (head.starts(with: [0xc7, 0x71]) || head.starts(with: [0x71, 0xc7]))
  }
}
