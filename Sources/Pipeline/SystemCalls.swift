internal import Foundation
internal import SystemPackage

/// The calls that swift-system has no name for yet. Swift lends each path as a C string for the call only, which is all that they read.
enum SystemCalls {
  static func rename(_ old: FilePath, to new: FilePath) throws(Errno) {
    guard unsafe Foundation.rename(old.string, new.string) == 0 else {
      throw Errno(rawValue: errno)
    }
  }

  /// Deletes a file; that it is gone already is as good.
  static func unlink(_ path: FilePath) {
    _ = unsafe Foundation.unlink(path.string)
  }

  /// Has the disk hold what was written before the file is renamed into place.
  static func sync(_ file: FileDescriptor) throws(Errno) {
    guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
  }

  /// Whether a name fits a shell pattern such as `access/*.gz`; `*` also crosses `/`.
  static func matches(_ name: String, pattern: String) -> Bool {
    unsafe fnmatch(pattern, name, 0) == 0
  }
}
