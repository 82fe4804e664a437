internal import CArchive

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// One entry of an archive, as its header tells it; nothing of it is ever made on disk.
struct ArchiveEntry {
  enum Kind {
    case regular, folder, link, other
  }

  /// Its path, however hostile.
  var name: [UInt8]
  var kind: Kind
  var isEncrypted: Bool
}

/// What libarchive could not do, in its words.
struct ArchiveFailure {
  var message: String
  /// The bytes that came with it are good, such as before a wrong checksum.
  var isWarning = false
  /// Nothing more can be read of the archive.
  var isFatal = false

  /// Whether the bytes ended too early, as far as libarchive's words tell.
  ///
  /// -5 is zlib's Z_BUF_ERROR and 10 liblzma's LZMA_BUF_ERROR, which a zip hands on as numbers: no more input.
  var isTruncation: Bool {
    [
      "runcated", "No progress is possible", "unexpected end", "decompression failed (-5)",
      "lzma unknown error 10",
    ].contains { message.contains($0) }
  }
}

/// libarchive's reader of one container, with one format and no filter, or with one filter and no format.
///
/// No filter that runs a program is ever enabled, nor `mtree`, which names files on disk.
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere; the feed lives as long.
@safe
struct ArchiveHandle: ~Copyable {
  enum EntryStep {
    case entry(ArchiveEntry)
    /// A header was broken; the next one is looked for behind it.
    case damaged(ArchiveFailure)
    case failed(ArchiveFailure)
    case end
  }

  /// Blocks without bytes that follow each other in a sound archive: one or two.
  private static let maxEmptyBlocks = 10_000

  private let archive: OpaquePointer?
  private let feed: ArchiveFeed
  /// Why it could not be opened.
  private(set) var openFailure: ArchiveFailure?
  /// The part of the block at hand that was not yet copied; libarchive owns it until it is called again.
  private var block = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  /// Where the block begins in the entry; before it lies a hole of a sparse file.
  private var blockOffset = 0
  /// Bytes of the entry that were handed on.
  private var produced = 0
  private var isAtEnd = false

  init(_ kind: ContainerKind, _ feed: ArchiveFeed, canSeek: Bool) {
    self.feed = feed
    unsafe archive = archive_read_new()
    guard let archive = unsafe archive else {
      openFailure = ArchiveFailure(message: "no memory", isFatal: true)
      return
    }
    // Anything but OK means that libarchive would run a program for it.
    guard unsafe Self.support(kind, archive, canSeek: canSeek) == ARCHIVE_OK else {
      openFailure = ArchiveFailure(
        message: "this libarchive was built without it", isFatal: true)
      return
    }
    unsafe archive_read_set_read_callback(archive) { _, feed, bytes in
      // Safe: the feed outlives the archive, which gives back what it was given.
      guard let feed = unsafe feed, let bytes = unsafe bytes else { return -1 }
      return unsafe Unmanaged<ArchiveFeed>.fromOpaque(feed).takeUnretainedValue().fill(bytes)
    }
    if canSeek {
      unsafe archive_read_set_skip_callback(archive) { _, feed, count in
        guard let feed = unsafe feed else { return 0 }
        return Int64(
          unsafe Unmanaged<ArchiveFeed>.fromOpaque(feed).takeUnretainedValue().skip(Int(count)))
      }
      unsafe archive_read_set_seek_callback(archive) { _, feed, offset, origin in
        guard let feed = unsafe feed else { return Int64(ARCHIVE_FATAL) }
        let place = unsafe Unmanaged<ArchiveFeed>.fromOpaque(feed).takeUnretainedValue()
          .seek(Int(offset), origin)
        return Int64(place ?? Int(ARCHIVE_FATAL))
      }
    }
    unsafe archive_read_set_callback_data(archive, Unmanaged.passUnretained(feed).toOpaque())
    if unsafe archive_read_open1(archive) < ARCHIVE_WARN {
      openFailure = unsafe Self.failure(archive, ARCHIVE_FATAL)
    }
  }

  deinit {
    // Safe: `init` made it, and nothing else frees it; nil is no archive.
    if let archive = unsafe archive { unsafe archive_read_free(archive) }
  }

  private static func support(
    _ kind: ContainerKind, _ archive: OpaquePointer, canSeek: Bool
  ) -> Int32 {
    // An empty stream, or an archive that a cut left nothing of.
    unsafe archive_read_support_format_empty(archive)
    if !kind.isArchive { unsafe archive_read_support_format_raw(archive) }
    switch kind {
    case .zstd: return unsafe archive_read_support_filter_zstd(archive)
    case .bzip2: return unsafe archive_read_support_filter_bzip2(archive)
    case .xz: return unsafe archive_read_support_filter_xz(archive)
    case .lz4: return unsafe archive_read_support_filter_lz4(archive)
    case .lzip: return unsafe archive_read_support_filter_lzip(archive)
    case .compress: return unsafe archive_read_support_filter_compress(archive)
    case .gzip: return unsafe archive_read_support_filter_gzip(archive)
    case .tar: return unsafe archive_read_support_format_tar(archive)
    case .cpio: return unsafe archive_read_support_format_cpio(archive)
    case .sevenZip: return unsafe archive_read_support_format_7zip(archive)
    case .zip:
      let code = unsafe archive_read_support_format_zip_streamable(archive)
      return canSeek ? unsafe archive_read_support_format_zip_seekable(archive) : code
    }
  }

  private static func failure(_ archive: OpaquePointer, _ code: Int32) -> ArchiveFailure {
    // Safe: the message is a C string that stands until the next call.
    let text = unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
    return ArchiveFailure(
      message: text ?? "libarchive gives no reason", isWarning: code == ARCHIVE_WARN,
      isFatal: code == ARCHIVE_FATAL)
  }

  /// Whether what can't be read is encrypted, names included.
  ///
  /// Where no format took the first bytes, libarchive 3.6 would ask whatever lies behind the last one.
  var hasEncryptedHeaders: Bool {
    guard let archive = unsafe archive, openFailure == nil else { return false }
    return unsafe archive_read_has_encrypted_entries(archive) > 0
  }

  /// The next header; the data of the entry before it, if it was not read, is passed over.
  mutating func nextEntry() -> EntryStep {
    guard let archive = unsafe archive, openFailure == nil else {
      return .failed(openFailure ?? ArchiveFailure(message: "no memory", isFatal: true))
    }
    unsafe block = UnsafeRawBufferPointer(start: nil, count: 0)
    (blockOffset, produced, isAtEnd) = (0, 0, false)
    var entry: OpaquePointer?
    // libarchive turns names into the thread's character set, and in that of "C" most are lost.
    let before = unsafe uselocale(UnicodeLocale.shared.locale)
    defer { unsafe _ = uselocale(before) }
    let code = unsafe archive_read_next_header(archive, &entry)
    if code == ARCHIVE_EOF { return .end }
    if code == ARCHIVE_RETRY { return .damaged(unsafe Self.failure(archive, code)) }
    guard code >= ARCHIVE_WARN, let entry = unsafe entry else {
      return .failed(unsafe Self.failure(archive, code))
    }
    return .entry(unsafe Self.describe(entry))
  }

  private static func describe(_ entry: OpaquePointer) -> ArchiveEntry {
    // Safe: both are C strings that belong to the entry, and are copied before the next call.
    let text = unsafe archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
    let name = unsafe text.map { text in
      unsafe UnsafeBufferPointer(start: text, count: strlen(text)).map {
        UInt8(bitPattern: $0)
      }
    }
    let type = unsafe UInt32(archive_entry_filetype(entry))
    let isLink =
      unsafe archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil
    let kind: ArchiveEntry.Kind =
      switch type {
      case _ where isLink: .link
      case 0o100000, 0: .regular
      case 0o040000: .folder
      case 0o120000: .link
      default: .other
      }
    return ArchiveEntry(
      name: name ?? [], kind: kind, isEncrypted: unsafe archive_entry_is_encrypted(entry) != 0)
  }

  /// Copies bytes of the entry to the front of `target`: 0 at its end, or where a failure comes with them that is no warning.
  mutating func read(
    into target: UnsafeMutableRawBufferPointer
  ) -> (count: Int, failure: ArchiveFailure?) {
    guard let archive = unsafe archive, openFailure == nil, !isAtEnd, target.count > 0 else {
      return (0, nil)
    }
    var failure: ArchiveFailure?
    var emptyBlocks = 0
    while unsafe produced >= blockOffset + block.count {
      failure = unsafe nextBlock(archive)
      if isAtEnd { return (0, failure) }
      emptyBlocks += 1
      if failure != nil { break }
      if emptyBlocks > Self.maxEmptyBlocks {
        isAtEnd = true
        return (0, ArchiveFailure(message: "it goes on without end and gives nothing"))
      }
    }
    if produced < blockOffset {
      let hole = unsafe UnsafeMutableRawBufferPointer(
        rebasing: target[..<min(target.count, blockOffset - produced)])
      unsafe hole.initializeMemory(as: UInt8.self, repeating: 0)
      produced += hole.count
      return (hole.count, failure)
    }
    let from = produced - blockOffset
    let count = unsafe min(target.count, block.count - from)
    if count > 0 {
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: block[from..<from + count]))
    }
    produced += max(0, count)
    return (max(0, count), failure)
  }

  private mutating func nextBlock(_ archive: OpaquePointer) -> ArchiveFailure? {
    var bytes: UnsafeRawPointer?
    var count = 0
    var offset: Int64 = 0
    let code = unsafe archive_read_data_block(archive, &bytes, &count, &offset)
    if code == ARCHIVE_EOF || code < ARCHIVE_WARN {
      isAtEnd = true
      unsafe block = UnsafeRawBufferPointer(start: nil, count: 0)
      return code == ARCHIVE_EOF ? nil : unsafe Self.failure(archive, code)
    }
    guard offset >= 0, offset < 1 << 60 else {
      isAtEnd = true
      return ArchiveFailure(message: "a part lies beyond the end of any file")
    }
    unsafe block = UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
    // Offsets rise in a sound archive; where one does not, its block follows what came before.
    blockOffset = max(produced, Int(offset))
    return code == ARCHIVE_OK ? nil : unsafe Self.failure(archive, code)
  }
}

/// The locale in which libarchive reads names.
///
/// Safe to share: it is made once, never changed and never freed.
@safe
private struct UnicodeLocale: @unchecked Sendable {
  static let shared = UnicodeLocale()

  /// Nil, which changes nothing, where the system has no such locale.
  let locale: locale_t?

  private init() {
    unsafe locale = newlocale(Int32(LC_CTYPE_MASK), "C.UTF-8", nil)
  }
}
