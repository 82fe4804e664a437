internal import IncidentModel

/// A kind of file that is not read, told by its first bytes, and what to do with it instead.
///
/// RAR is among them though libarchive has a reader of it: faults of that one have let made-up archives run code, and no free tool writes any to test it with.
struct ForeignFile {
  /// What the user is told.
  var detail: Sentence
  var problem: InputProblem.Kind

  /// How many bytes tell it: up to the first descriptor of an image of a disc.
  static let headBytes = 33 << 10

  private struct Row {
    var magic: [UInt8]
    var place = 0
    /// The magic is a word that a text might begin with, and so counts only where a byte 0 is near.
    var isWord = false
    var name: Sentence
    var advice: Advice
  }

  private enum Advice {
    case unpack, decrypt, decompress
    /// Logs may be in it, and its own tool brings them out.
    case export(Sentence)
    /// No lines of a log are in it.
    case none
  }

  /// Nil for everything else.
  init?(_ head: ArraySlice<UInt8>) {
    guard let row = Self.rows.first(where: { Self.fits($0, head) }) else { return nil }
    let what: Sentence = "it is \(row.name)"
    switch row.advice {
    case .unpack:
      detail = "\(what), which is not opened; unpack it and name the folder instead"
      problem = .unreadable
    case .decompress:
      detail = "\(what), which is not read; decompress it and name the plain file instead"
      problem = .unreadable
    case .decrypt:
      detail = "\(what); decrypt it and name the plain file instead"
      problem = .encrypted
    case .export(let way):
      detail = "\(what), which is not read; \(way)"
      problem = .unreadable
    case .none:
      detail = "\(what), in which no log is looked for"
      problem = .noLogs
    }
  }

  private static func fits(_ row: Row, _ head: ArraySlice<UInt8>) -> Bool {
    head.dropFirst(row.place).starts(with: row.magic)
      && (!row.isWord || head.prefix(512).contains(0))
  }

  private static let rows = archives + streams + encrypted + stores + others

  private static func word(_ text: String, _ more: UInt8...) -> [UInt8] { Array(text.utf8) + more }

  /// rarlab.com/technote.htm; [MS-CAB] 2.1; ar(5); ECMA-119 8.4; github.com/apple-oss-distributions/xar; squashfs' superblock.
  private static let archives: [Row] = [
    Row(magic: word("Rar!", 0x1a, 7), name: "a RAR archive", advice: .unpack),
    Row(magic: word("MSCF", 0, 0, 0, 0), name: "a cabinet archive", advice: .unpack),
    Row(
      magic: word("!<arch>\ndebian-binary"), name: "a Debian package", advice: .unpack),
    Row(magic: word("!<arch>\n"), name: "an ar archive", advice: .unpack),
    Row(magic: [0xed, 0xab, 0xee, 0xdb], name: "an RPM package", advice: .unpack),
    Row(
      magic: word("CD001"), place: 32_769, name: "the image of a disc (ISO 9660)", advice: .unpack),
    Row(magic: word("xar!", 0), name: "a xar archive", advice: .unpack),
    Row(magic: word("hsqs"), isWord: true, name: "a squashfs image", advice: .unpack),
  ]

  /// lzop's source; the framing format of Snappy.
  private static let streams: [Row] = [
    Row(
      magic: [0x89, 0x4c, 0x5a, 0x4f, 0, 0x0d, 0x0a, 0x1a, 0x0a], name: "compressed by lzop",
      advice: .decompress),
    Row(
      magic: [0xff, 6, 0, 0] + Array("sNaPpY".utf8), name: "compressed by Snappy",
      advice: .decompress),
  ]

  /// RFC 9580 §4.2, §5.1, §5.3, §6.2: session keys come first; age-encryption.org/v1; openssl-enc(1); Ansible's vault.
  private static let encrypted: [Row] = [
    Row(magic: word("-----BEGIN PGP MESSAGE-----"), name: openPGP, advice: .decrypt),
    Row(magic: [0x84, 0x5e, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0x85, 1, 0x0c, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0x85, 1, 0x8c, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0x85, 2, 0x0c, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0x85, 4, 0x0c, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0xc1, 0x5e, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0xc1, 0xc0, 0x4c, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0xc1, 0xc0, 0xcc, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0xc1, 0xc1, 0x4c, 3], name: openPGP, advice: .decrypt),
    Row(magic: [0x8c, 0x0d, 4], name: openPGP, advice: .decrypt),
    Row(magic: [0xc3, 0x0d, 4], name: openPGP, advice: .decrypt),
    Row(magic: word("age-encryption.org/"), name: "encrypted by age", advice: .decrypt),
    Row(
      magic: word("-----BEGIN AGE ENCRYPTED FILE-----"), name: "encrypted by age",
      advice: .decrypt),
    Row(magic: word("Salted__"), isWord: true, name: "encrypted by openssl", advice: .decrypt),
    Row(magic: word("$ANSIBLE_VAULT;"), name: "an Ansible vault", advice: .decrypt),
  ]

  private static let openPGP: Sentence = "encrypted by OpenPGP"

  /// Git LFS' specification; git-annex' internals; Parquet's, ORC's and Avro's specifications; systemd's journal file format; [MS-EVEN6] and the format of EVTX.
  private static let stores: [Row] = [
    Row(
      magic: word("version https://git-lfs.github.com/spec/"), name: "a pointer of Git LFS",
      advice: .export("'git lfs pull' fetches the file that it stands for")),
    Row(
      magic: word("/annex/objects/"), name: "a pointer of git-annex",
      advice: .export("'git annex get' fetches the file that it stands for")),
    Row(
      magic: word("LPKSHHRH"), name: "a journal of systemd",
      advice: .export("'journalctl --file' writes its lines as text")),
    Row(
      magic: word("PAR1"), isWord: true, name: "a Parquet table",
      advice: .export("write its rows as JSON lines or as CSV and name that file")),
    Row(
      magic: word("ORC"), isWord: true, name: "an ORC table",
      advice: .export("write its rows as JSON lines or as CSV and name that file")),
    Row(
      magic: word("Obj", 1), name: "an Avro file",
      advice: .export("write its records as JSON lines and name that file")),
    Row(
      magic: word("ElfFile", 0), name: "an event log of Windows",
      advice: .export("export its events as text and name that file")),
    Row(
      magic: word("SQLite format 3", 0), name: "an SQLite database",
      advice: .export("write the rows that are log lines as text and name that file")),
  ]

  /// pcap(5), draft-ietf-opsawg-pcapng, PNG's signature, ITU T.81, PDF 1.7 §7.5.2, ELF.
  private static let others: [Row] = [
    Row(magic: [0xd4, 0xc3, 0xb2, 0xa1], name: "a capture of packets", advice: .none),
    Row(magic: [0xa1, 0xb2, 0xc3, 0xd4], name: "a capture of packets", advice: .none),
    Row(magic: [0x4d, 0x3c, 0xb2, 0xa1], name: "a capture of packets", advice: .none),
    Row(magic: [0xa1, 0xb2, 0x3c, 0x4d], name: "a capture of packets", advice: .none),
    Row(
      magic: [0x0a, 0x0d, 0x0d, 0x0a], isWord: true, name: "a capture of packets", advice: .none),
    Row(magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a], name: "a PNG picture", advice: .none),
    Row(magic: [0xff, 0xd8, 0xff], name: "a JPEG picture", advice: .none),
    Row(magic: word("GIF8"), isWord: true, name: "a GIF picture", advice: .none),
    Row(magic: word("%PDF-"), name: "a PDF document", advice: .none),
    Row(magic: [0x7f] + word("ELF"), name: "a program", advice: .none),
  ]
}
