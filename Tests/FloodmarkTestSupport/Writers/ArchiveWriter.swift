internal import CArchive
internal import Foundation

/// The archives that tests make, as libarchive writes them.
package enum ArchiveShape: String, CaseIterable, Sendable {
  case tar, oldTar, gnuTar, zip, storedZip, sevenZip, cpio, oldCpio

  /// What a reader calls it.
  package var container: String {
    switch self {
    case .tar, .oldTar, .gnuTar: "tar"
    case .zip, .storedZip: "zip"
    case .sevenZip: "7z"
    case .cpio, .oldCpio: "cpio"
    }
  }
}

/// The compressions that tests make, as libarchive writes them.
package enum StreamShape: String, CaseIterable, Sendable {
  case zstd, bzip2, xz, lz4, lzip, compress
}

/// One entry of an archive to write.
package struct ArchiveItem: Sendable {
  package enum Kind: Sendable {
    case file
    case folder
    case link(to: String)
    case hardLink(to: String)
    case device
    case pipe
    /// A file with its content in these ranges only, zeros between them.
    case sparse([Range<Int>])
  }

  package var name: [UInt8]
  package var bytes: [UInt8]
  package var kind: Kind

  package init(_ name: String, _ bytes: [UInt8] = [], kind: Kind = .file) {
    self.name = Array(name.utf8)
    self.bytes = bytes
    self.kind = kind
  }
}

/// Why libarchive could not write what a test asked for.
package struct ArchiveNotWritten: Error, CustomStringConvertible {
  package let description: String
}

/// Writes entries as one archive.
///
/// `isStreamed` leaves the sizes out of the headers, as a zip on a pipe must; `password` encrypts a zip's entries.
package func archive(
  _ items: [ArchiveItem], as shape: ArchiveShape, isStreamed: Bool = false,
  password: String? = nil
) throws -> [UInt8] {
  var writer = try ArchiveWriter()
  try writer.use(shape)
  if let password { try writer.encrypt(password) }
  try writer.open()
  for item in items { try writer.add(item, isStreamed: isStreamed) }
  return try writer.close()
}

/// Compresses bytes as one stream.
package func compressed(_ bytes: [UInt8], as shape: StreamShape) throws -> [UInt8] {
  // libarchive 3.6 crashes on the first and writes a NUL into the second; this is what lz4 and compress write.
  if bytes.isEmpty, shape == .lz4 {
    return [4, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7, 0, 0, 0, 0, 5, 0x5d, 0xcc, 2]
  }
  if bytes.isEmpty, shape == .compress { return [0x1f, 0x9d, 0x90] }
  var writer = try ArchiveWriter()
  try writer.use(shape)
  try writer.open()
  try writer.add(ArchiveItem("data", bytes), isStreamed: false)
  return try writer.close()
}

/// libarchive's writer; the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
private struct ArchiveWriter: ~Copyable {
  private final class Output {
    var bytes: [UInt8] = []
  }

  private let handle: OpaquePointer
  private let output = Output()

  init() throws {
    guard let made = unsafe archive_write_new() else {
      throw ArchiveNotWritten(description: "no memory")
    }
    unsafe handle = made
  }

  deinit { unsafe archive_write_free(handle) }

  private func check(_ code: Int32) throws {
    guard code < ARCHIVE_OK else { return }
    // Safe: the message is a C string that stands until the next call.
    let text = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
    throw ArchiveNotWritten(description: text ?? "error \(code)")
  }

  func use(_ shape: ArchiveShape) throws {
    switch shape {
    case .tar: try unsafe check(archive_write_set_format_pax_restricted(handle))
    case .oldTar: try unsafe check(archive_write_set_format_v7tar(handle))
    case .gnuTar: try unsafe check(archive_write_set_format_gnutar(handle))
    case .zip: try unsafe check(archive_write_set_format_zip(handle))
    case .storedZip:
      try unsafe check(archive_write_set_format_zip(handle))
      try unsafe check(archive_write_zip_set_compression_store(handle))
    case .sevenZip: try unsafe check(archive_write_set_format_7zip(handle))
    case .cpio: try unsafe check(archive_write_set_format_cpio_newc(handle))
    case .oldCpio: try unsafe check(archive_write_set_format_cpio_odc(handle))
    }
    try unsafe check(archive_write_add_filter_none(handle))
  }

  func use(_ shape: StreamShape) throws {
    try unsafe check(archive_write_set_format_raw(handle))
    switch shape {
    case .zstd: try unsafe check(archive_write_add_filter_zstd(handle))
    case .bzip2: try unsafe check(archive_write_add_filter_bzip2(handle))
    case .xz: try unsafe check(archive_write_add_filter_xz(handle))
    case .lz4: try unsafe check(archive_write_add_filter_lz4(handle))
    case .lzip: try unsafe check(archive_write_add_filter_lzip(handle))
    case .compress: try unsafe check(archive_write_add_filter_compress(handle))
    }
  }

  func encrypt(_ password: String) throws {
    // Safe: the strings become C strings for the length of the calls.
    try unsafe check(archive_write_set_options(handle, "zip:encryption=traditional"))
    try unsafe check(archive_write_set_passphrase(handle, password))
  }

  func open() throws {
    try unsafe check(archive_write_set_bytes_in_last_block(handle, 1))
    // Safe: the output lives as long as the writer.
    let client = unsafe Unmanaged.passUnretained(output).toOpaque()
    try unsafe check(
      archive_write_open(
        handle, client, nil,
        { _, client, bytes, count in
          guard let client = unsafe client else { return -1 }
          let output = unsafe Unmanaged<Output>.fromOpaque(client).takeUnretainedValue()
          unsafe output.bytes += UnsafeRawBufferPointer(start: bytes, count: count)
          return count
        }, nil))
  }

  mutating func add(_ item: ArchiveItem, isStreamed: Bool) throws {
    guard let entry = unsafe archive_entry_new() else {
      throw ArchiveNotWritten(description: "no memory")
    }
    defer { unsafe archive_entry_free(entry) }
    let name = item.name.map(CChar.init(bitPattern:)) + [0]
    // Safe: libarchive copies the strings.
    unsafe archive_entry_set_pathname(entry, name)
    unsafe archive_entry_set_perm(entry, 0o644)
    unsafe archive_entry_set_mtime(entry, 1_531_762_200, 0)
    if !isStreamed { unsafe archive_entry_set_size(entry, Int64(item.bytes.count)) }
    var type: UInt32 = 0o100000
    switch item.kind {
    case .file: break
    case .folder: type = 0o040000
    case .link(let target):
      type = 0o120000
      unsafe archive_entry_set_symlink(entry, target)
    case .hardLink(let target): unsafe archive_entry_set_hardlink(entry, target)
    case .device: type = 0o020000
    case .pipe: type = 0o010000
    case .sparse(let ranges):
      for range in ranges {
        unsafe archive_entry_sparse_add_entry(entry, Int64(range.lowerBound), Int64(range.count))
      }
    }
    unsafe archive_entry_set_filetype(entry, type)
    // 7z and pax hold names as Unicode, which libarchive makes of the thread's character set.
    let unicode = unsafe newlocale(Int32(LC_CTYPE_MASK), "C.UTF-8", nil)
    let before = unsafe uselocale(unicode)
    defer {
      unsafe _ = uselocale(before)
      unsafe freelocale(unicode)
    }
    try unsafe check(archive_write_header(handle, entry))
    let written = unsafe item.bytes.withUnsafeBytes { bytes in
      unsafe archive_write_data(handle, bytes.baseAddress, bytes.count)
    }
    if written < 0 { try check(Int32(written)) }
    try unsafe check(archive_write_finish_entry(handle))
  }

  consuming func close() throws -> [UInt8] {
    try unsafe check(archive_write_close(handle))
    return output.bytes
  }
}
