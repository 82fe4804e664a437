internal import Foundation
package import SystemPackage

/// Why an output could not be written: the facts; the command words them.
package enum OutputError: Error, Hashable {
  case cannotWrite(path: String, reason: String)
  /// Something that is no folder stands where the folder should be.
  case notAFolder(path: String)
}

/// A folder into which finished files are put whole or not at all.
package struct OutputFolder: Sendable {
  package let path: FilePath

  /// Makes the folder, and those above it, where they don't exist.
  package init(_ path: String) throws(OutputError) {
    self.path = FilePath(path)
    if FileManager.default.fileExists(atPath: path) {
      let inside = FilePath(path).appending(".").string
      guard FileManager.default.fileExists(atPath: inside) else { throw .notAFolder(path: path) }
      return
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: path, reason: Self.reason(of: error))
    }
  }

  /// The bytes of a file in the folder; nil where there is none.
  package func existing(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path.appending(name).string).map(Array.init)
  }

  /// Puts all files in place: each is written beside its target, synced and renamed over it.
  ///
  /// All are written before the first is renamed, so that an interruption leaves either the old set or nothing but complete files.
  package func write(_ files: [(name: String, bytes: [UInt8])]) throws(OutputError) {
    var pending: [(temporary: FilePath, target: FilePath)] = []
    do {
      for file in files {
        let target = path.appending(FilePath(file.name).components)
        try Self.makeFolder(above: target)
        let temporary = PendingFiles.shared.path(beside: target)
        pending.append((temporary, target))
        try Self.write(file.bytes, to: temporary)
      }
      for file in pending {
        try SystemCalls.rename(file.temporary, to: file.target)
        PendingFiles.shared.remove(file.temporary)
      }
    } catch {
      for file in pending {
        SystemCalls.unlink(file.temporary)
        PendingFiles.shared.remove(file.temporary)
      }
      let place = pending.last?.target.string ?? path.string
      throw .cannotWrite(path: place, reason: Self.reason(of: error))
    }
  }

  private static func makeFolder(above file: FilePath) throws {
    let folder = file.removingLastComponent()
    try FileManager.default.createDirectory(
      atPath: folder.string, withIntermediateDirectories: true)
  }

  private static func write(_ bytes: [UInt8], to path: FilePath) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try file.closeAfter {
      try file.writeAll(bytes)
      try SystemCalls.sync(file)
    }
  }

  /// What the system says of an error, in its own words.
  static func reason(of error: any Error) -> String {
    switch error {
    case let error as Errno: error.description
    case let error as CocoaError:
      (error.underlying as? POSIXError).map { Errno(rawValue: $0.code.rawValue).description }
        ?? error.localizedDescription
    default: String(describing: error)
    }
  }
}
