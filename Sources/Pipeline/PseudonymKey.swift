internal import Foundation
internal import SystemPackage

/// The key that makes pseudonyms agree between reports (REPORT §7.1). It is never written anywhere.
enum PseudonymKey {
  static let leastBytes = 32
  private static let mostBytes = 1 << 20

  /// The bytes of a key file that only its owner can read; throws ``RunError/unusableKey(path:problem:)``.
  static func read(_ path: String) throws(RunError) -> [UInt8] {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue,
      let size = (attributes?[.size] as? NSNumber)?.intValue, size <= mostBytes,
      let bytes = FileManager.default.contents(atPath: path)
    else { throw .unusableKey(path: path, problem: .unreadable) }
    guard mode & 0o077 == 0 else { throw .unusableKey(path: path, problem: .open) }
    guard bytes.count >= leastBytes else { throw .unusableKey(path: path, problem: .short) }
    return Array(bytes)
  }
}

/// Why a file is no key.
package enum KeyProblem: Hashable, Sendable {
  /// Others than its owner may read it.
  case open
  case short, unreadable
}
