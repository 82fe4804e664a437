internal import Crypto
internal import IncidentModel
internal import SystemPackage

/// A file that is closed when its owner goes.
struct OpenFile: ~Copyable {
  let descriptor: FileDescriptor
  /// Standard input stays open: it was not opened here.
  let isOwned: Bool

  deinit {
    // A failing close of a file that was only read loses nothing.
    if isOwned { try? descriptor.close() }
  }
}

/// The bytes of a file as they stand on disk, hashed and counted on their way.
final class DiskBytes: SeekableLayer {
  private let file: OpenFile
  private let record: ReadingRecord
  private let progress: ReadProgress?
  private var digest = SHA256()
  /// The file's size when it was opened; nil for a pipe, which ends where its writer ends.
  private let size: Int?
  /// All bytes that were read, those that were read twice too.
  private(set) var bytesRead = 0
  /// The next byte to be read.
  private var place = 0
  /// How many bytes from the first on are in the digest.
  private(set) var hashed = 0
  private var isEnded = false
  private var hasFailed = false
  private var isEndTold = false

  var length: Int? { size }

  /// Opens `input`; nil where that fails, and then the record says why.
  init?(_ input: FoundInput, record: ReadingRecord, progress: ReadProgress?) {
    self.record = record
    self.progress = progress
    if input.isStandardInput {
      file = OpenFile(descriptor: .standardInput, isOwned: false)
      size = nil
      return
    }
    do throws(Errno) {
      file = OpenFile(descriptor: try Self.open(input.path), isOwned: true)
      let status = try file.descriptor.stat()
      guard status.type == .regular else {
        record.add(.notRegular, "it is no longer a regular file")
        return nil
      }
      size = Int(status.size)
      if let identity = input.identity, identity != FoundInput.FileIdentity(status) {
        record.add(.changedWhileRead, "another file has taken its place since it was found")
      } else if size != input.size, input.identity != nil {
        record.add(
          .changedWhileRead,
          "it had \(count: input.size) bytes when it was found and \(count: Int(status.size)) when it was read"
        )
      }
    } catch .noSuchFileOrDirectory {
      record.add(.changedWhileRead, "it vanished before it could be read")
      return nil
    } catch {
      record.add(.unreadable, "it can't be opened (\(log: .init("\(error)", kind: .message)))")
      return nil
    }
  }

  /// `FileDescriptor.open` with its errors typed.
  private static func open(_ path: FilePath) throws(Errno) -> FileDescriptor {
    do {
      // Without O_NONBLOCK, a FIFO that took the file's place would block for ever.
      return try .open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
    } catch let error as Errno {
      throw error
    } catch {
      throw .ioError
    }
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    guard !isEnded, target.count > 0 else { return 0 }
    // What is appended while the file is read belongs to the next run: the size at the start bounds this one.
    let wanted = if let size, size > 0 { min(target.count, size - place) } else { target.count }
    guard wanted > 0 else { return end() }
    do throws(Errno) {
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<wanted])
      let count = try unsafe readOnce(into: room)
      guard count > 0 else { return end() }
      unsafe hash(UnsafeRawBufferPointer(rebasing: room[..<count]))
      bytesRead += count
      place += count
      return count
    } catch {
      isEnded = true
      hasFailed = true
      record.add(
        .unreadable,
        "reading failed at byte \(count: place) (\(log: .init("\(error)", kind: .message))); what came before is kept"
      )
      return 0
    }
  }

  /// `FileDescriptor.read` with its errors typed.
  private func readOnce(into room: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    do {
      return try unsafe file.descriptor.read(into: room, retryOnInterrupt: true)
    } catch let error as Errno {
      throw error
    } catch {
      throw .ioError
    }
  }

  /// Takes into the digest what lies directly behind what is in it.
  private func hash(_ bytes: UnsafeRawBufferPointer) {
    guard place <= hashed, place + bytes.count > hashed else { return }
    let fresh = unsafe UnsafeRawBufferPointer(rebasing: bytes[(hashed - place)...])
    unsafe digest.update(bufferPointer: fresh)
    hashed += fresh.count
    progress?.add(fresh.count)
  }

  func seek(to offset: Int) -> Bool {
    guard let size, (0...size).contains(offset), !hasFailed else { return false }
    guard (try? file.descriptor.seek(offset: Int64(offset), from: .start)) != nil else {
      return false
    }
    place = offset
    isEnded = false
    return true
  }

  private func end() -> Int {
    isEnded = true
    guard let size, !isEndTold else { return 0 }
    isEndTold = true
    let now = try? file.descriptor.stat().size
    if let now, now > size {
      record.add(
        .changedWhileRead,
        "it grew from \(count: size) to \(count: Int(now)) bytes while it was read; the first \(count: place) are used"
      )
    } else if place < size {
      record.add(
        .changedWhileRead,
        "it shrank from \(count: size) bytes while it was read; the \(count: place) that were there are used"
      )
    }
    return 0
  }

  /// Reads what the digest lacks, so that the hash covers every byte on disk; a pipe is left alone.
  func drain(chunkBytes: Int) {
    guard let size, !hasFailed, !Task.isCancelled else { return }
    if place != hashed, !seek(to: hashed) { return }
    guard size == 0 || hashed < size || !isEnded else { return }
    let lacking = size > 0 ? size - hashed + 1 : chunkBytes
    var chunk = [UInt8](repeating: 0, count: max(1, min(chunkBytes, lacking)))
    // Safe: the pointer is used inside the closure only.
    while !Task.isCancelled, unsafe chunk.withUnsafeMutableBytes({ unsafe read(into: $0) }) > 0 {}
  }

  /// Hex SHA-256 of the file; nil unless all of it was read.
  var sha256: String? {
    isEnded && !hasFailed && hashed == place ? hexadecimal(digest.finalize()) : nil
  }
}
