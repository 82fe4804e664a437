internal import Foundation

/// How often and from which seed a door is tried with wrong bytes.
///
/// `make test` tries few times from a seed that never changes; `make fuzz` sets `FUZZ_SEED`, `FUZZ_FACTOR` and `FUZZ_KEEP`.
package struct FuzzRounds {
  /// Where every run begins, unless `FUZZ_SEED` says otherwise.
  private static let standardSeed: UInt64 = 0xf100d

  package let seed: UInt64
  package let count: Int
  /// How to run it again.
  package let words: String
  private let door: String
  private let keep: String?

  /// `count` is what takes `make test` well under a second.
  package init(_ door: String, count: Int) {
    let environment = ProcessInfo.processInfo.environment
    let base = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? Self.standardSeed
    // Doors differ, so that the formats don't all get the same changes.
    seed = door.utf8.reduce(base) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
    self.count = count * (environment["FUZZ_FACTOR"].flatMap(Int.init) ?? 1)
    words = "FUZZ_SEED=\(base), \(door)"
    self.door = String(door.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
    keep = environment["FUZZ_KEEP"]
  }

  /// Leaves the bytes that are tried next where they can be found after a crash.
  package func keep(_ bytes: [UInt8]) {
    guard let keep else { return }
    try? Data(bytes).write(to: URL(fileURLWithPath: "\(keep)/\(door)"))
  }
}
