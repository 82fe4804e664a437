internal import Crypto

/// The SHA-256 of a member's first 64 KiB, decompressed: equal for a log and its gzip, whatever their names.
package struct ContentID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// How many decompressed bytes are hashed.
  package static let prefixBytes = 64 << 10

  /// The digest's 32 bytes.
  package let bytes: [UInt8]

  /// Of a member whose first bytes, at most ``prefixBytes``, are `head`.
  package init(head: [UInt8]) {
    bytes = Array(SHA256.hash(data: head.prefix(Self.prefixBytes)))
  }

  /// The digest's first 8 bytes, big-endian: where a member's hashes start.
  package var seed: UInt64 {
    bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// In hex.
  package var description: String { hexadecimal(bytes) }

  package static func < (left: ContentID, right: ContentID) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

/// Two lower-case digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  return String(decoding: text, as: UTF8.self)
}
