internal import Crypto
internal import Foundation
internal import IncidentModel
internal import SystemPackage
internal import TrafficTally

/// A tally on disk, of which the head was read: what it was made with, and what of.
struct TallyFile: Sendable {
  let path: FilePath
  let settings: TallySettings
  let inputs: [TallyInput]

  /// Whether a file begins as every tally does.
  static func isTally(_ path: FilePath) -> Bool {
    // A FIFO would wait for its writer.
    guard
      let file = try? FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
    else { return false }
    defer { try? file.close() }
    return (try? Self.read(TallyFormat.magic.count, from: file)) == TallyFormat.magic
  }

  /// Reads the head.
  init(_ path: FilePath) throws(TallyProblem) {
    self.path = path
    var stream = try TallyStream(path)
    defer { stream.close() }
    (settings, inputs) = try Self.head(&stream)
  }

  /// Adds all of it to a tally; `numbers` tells the tally's number of each input.
  ///
  /// What was added of a file that turns out to be damaged stays in the tally, which is of no use then.
  func load(into whole: inout Tally, numbers: [Int]) throws(TallyProblem) {
    var stream = try TallyStream(path)
    defer { stream.close() }
    let (settings, inputs) = try Self.head(&stream)
    guard settings == self.settings, inputs == self.inputs else {
      throw stream.damage("it changed while it was read")
    }
    var intake = TallyIntake(inputs, numbers: numbers, options: whole.options)
    do throws(TallyDamage) {
      try intake.take(.inputs, [], at: 0, into: &whole)
      for section in TallyFormat.Section.allCases.dropFirst(2) {
        let (bytes, start) = try stream.section(section)
        try intake.take(section, bytes, at: start, into: &whole)
      }
      try stream.finish()
    } catch {
      throw stream.damage(error)
    }
    intake.finish(in: &whole)
  }

  /// Reads all of it for its hash.
  func check() throws(TallyProblem) {
    var stream = try TallyStream(path)
    defer { stream.close() }
    try stream.begin()
    do throws(TallyDamage) { try stream.readRest() } catch { throw stream.damage(error) }
  }

  private static func head(
    _ stream: inout TallyStream
  ) throws(TallyProblem) -> (TallySettings, [TallyInput]) {
    try stream.begin()
    do throws(TallyDamage) {
      let first = try stream.section(.settings)
      guard let settings = try TallyIntake.settings(first.bytes, at: first.start) else {
        throw TallyDamage(offset: -1, what: "")
      }
      let second = try stream.section(.inputs)
      return (TallySettings(settings), try TallyIntake.inputs(second.bytes, at: second.start))
    } catch {
      guard error.offset < 0 else { throw stream.damage(error) }
    }
    // A changed bit would look the same as other tables.
    do throws(TallyDamage) { try stream.readRest() } catch { throw stream.damage(error) }
    throw .otherTables(path: stream.path.string)
  }

  fileprivate static func read(_ count: Int, from file: FileDescriptor) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      // The buffer is lent for the call only, and is as long as it says.
      let got = try unsafe bytes.withUnsafeMutableBytes { buffer in
        try unsafe file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      }
      if got == 0 { break }
      filled += got
    }
    bytes.removeSubrange(filled...)
    return bytes
  }
}

/// The bytes of a tally file from front to back, with their hash so far.
private struct TallyStream: ~Copyable {
  let path: FilePath
  private let file: FileDescriptor
  private let size: Int
  private var offset = 0
  private var hash = SHA256()

  /// No tally within its budgets is as long.
  private static let longest = 1 << 30

  init(_ path: FilePath) throws(TallyProblem) {
    let opened: (file: FileDescriptor, size: Int)
    do {
      opened = try Self.open(path)
    } catch {
      throw .unreadable(path: path.string, reason: OutputFolder.reason(of: error))
    }
    self.path = path
    (file, size) = opened
  }

  private static func open(_ path: FilePath) throws -> (FileDescriptor, Int) {
    let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
    do {
      let size = Int(try file.seek(offset: 0, from: .end))
      try file.seek(offset: 0, from: .start)
      return (file, size)
    } catch {
      try? file.close()
      throw error
    }
  }

  func close() { try? file.close() }

  func damage(_ error: TallyDamage) -> TallyProblem {
    .damaged(path: path.string, offset: error.offset, what: error.what)
  }

  func damage(_ what: String) -> TallyProblem {
    damage(TallyDamage(offset: offset, what: what))
  }

  private mutating func read(_ count: Int) throws(TallyDamage) -> [UInt8] {
    guard count <= size - offset else {
      throw TallyDamage(offset: size, what: "it ends early")
    }
    let bytes: [UInt8]
    do {
      bytes = try TallyFile.read(count, from: file)
    } catch {
      throw TallyDamage(offset: offset, what: OutputFolder.reason(of: error))
    }
    guard bytes.count == count else { throw TallyDamage(offset: offset, what: "it ends early") }
    offset += count
    return bytes
  }

  private mutating func hashed(_ count: Int) throws(TallyDamage) -> [UInt8] {
    let bytes = try read(count)
    hash.update(data: bytes)
    return bytes
  }

  /// Reads magic and version.
  mutating func begin() throws(TallyProblem) {
    let magic = TallyFormat.magic
    guard let first = try? hashed(magic.count), first == magic else {
      throw .notATally(path: path.string)
    }
    do throws(TallyDamage) {
      let bytes = try hashed(2)
      let version = Int(bytes[0]) | Int(bytes[1]) << 8
      guard version == Int(TallyFormat.version) else {
        throw TallyDamage(offset: -1 - version, what: "")
      }
      if size > Self.longest {
        throw TallyDamage(offset: offset, what: "it is longer than a tally can be")
      }
    } catch {
      guard error.offset < 0 else { throw damage(error) }
      throw .otherVersion(
        path: path.string, version: -1 - error.offset, known: Int(TallyFormat.version))
    }
  }

  /// The bytes of the next section, which has to be this one, and where they begin.
  mutating func section(
    _ section: TallyFormat.Section
  ) throws(TallyDamage) -> (bytes: [UInt8], start: Int) {
    let mark = try hashed(9)
    guard mark[0] == section.rawValue else {
      throw TallyDamage(offset: offset - 9, what: "another section stands where \(section) should")
    }
    let length = mark[1...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(size - offset) else {
      throw TallyDamage(offset: offset - 8, what: "the section \(section) goes on behind the end")
    }
    let start = offset
    return (try hashed(Int(length)), start)
  }

  /// Reads what follows whatever it is, up to the hash, and holds that against it.
  mutating func readRest() throws(TallyDamage) {
    let end = size - 1 - SHA256.byteCount
    while offset < end { _ = try hashed(min(1 << 20, end - offset)) }
    try finish()
  }

  /// Reads the end mark and holds the hash against what was read.
  mutating func finish() throws(TallyDamage) {
    guard try hashed(1) == [TallyFormat.end] else {
      throw TallyDamage(offset: offset - 1, what: "the end mark is missing")
    }
    let digest = Array(hash.finalize())
    guard try read(digest.count) == digest else {
      throw TallyDamage(
        offset: offset - digest.count, what: "its SHA-256 is another, so bytes of it changed")
    }
    guard offset == size else {
      throw TallyDamage(offset: offset, what: "bytes stand behind its end")
    }
  }
}

extension TallyFile {
  /// Writes a tally so that only its owner can read it, whole or not at all.
  static func write(
    _ tally: Tally, settings: TallySettings, to path: FilePath
  ) throws(OutputError) {
    let temporary = PendingFiles.shared.ownPath(beside: path)
    do {
      // A tally holds lines of logs: nobody else may read it, not even while it is written.
      let file = try FileDescriptor.open(
        temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite])
      try file.closeAfter {
        try write(tally, settings, to: file)
        try SystemCalls.sync(file)
      }
      try SystemCalls.rename(temporary, to: path)
      PendingFiles.shared.remove(temporary)
    } catch {
      SystemCalls.unlink(temporary)
      PendingFiles.shared.remove(temporary)
      throw .cannotWrite(path: path.string, reason: OutputFolder.reason(of: error))
    }
  }

  private static func write(
    _ tally: Tally, _ settings: TallySettings, to file: FileDescriptor
  ) throws {
    var hash = SHA256()
    func put(_ bytes: [UInt8]) throws {
      hash.update(data: bytes)
      try file.writeAll(bytes)
    }
    let version = TallyFormat.version
    try put(TallyFormat.magic)
    try put([UInt8(truncatingIfNeeded: version), UInt8(truncatingIfNeeded: version >> 8)])
    let sections = TallySections(tally, settings: settings.list)
    for section in TallyFormat.Section.allCases {
      let bytes = sections.bytes(of: section)
      let length = UInt64(bytes.count)
      try put(
        [section.rawValue]
          + (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) })
      try put(bytes)
    }
    try put([TallyFormat.end])
    try file.writeAll(Array(hash.finalize()))
  }
}
