/// SplitMix64: the same numbers from the same seed on every machine.
package struct FuzzNumbers: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to but not including `limit`; 0 where that is no range.
  package mutating func below(_ limit: Int) -> Int {
    limit > 0 ? Int(next() % UInt64(limit)) : 0
  }
}

/// The ways in which bytes are made wrong: each has broken some parser somewhere.
package enum ByteMutation: CaseIterable {
  case bitFlip, randomByte, insertion, removal, mark, truncation, duplication, splice
  case hugeNumber, emptied, longField, deepNesting

  private static let marks = Array("\"'\\[](){}<>:;,=|-+ \t.#%/?&09\r\n\u{0}\u{FEFF}".utf8)
  private static let numbers = [
    "99999999999999999999999999", "-1", "-9223372036854775808", "9223372036854775807", "4294967296",
    "0.0000000000000000000000000001", "1e999", "-0", "١٢", "0x7fffffff", "NaN", "-",
  ]

  /// A changed copy, of one to five changes; `other` lends its end for splices.
  package static func mutated(
    _ bytes: [UInt8], with other: [UInt8], _ numbers: inout FuzzNumbers
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0...numbers.below(5) where !bytes.isEmpty {
      // The two that make long texts come seldom, for they cost most of the time.
      var kind = allCases[numbers.below(allCases.count)]
      if kind == .longField || kind == .deepNesting, numbers.below(8) != 0 { kind = .bitFlip }
      kind.apply(to: &bytes, other, &numbers)
    }
    return bytes
  }

  private func apply(to bytes: inout [UInt8], _ other: [UInt8], _ numbers: inout FuzzNumbers) {
    let place = numbers.below(bytes.count)
    let end = min(bytes.count, place + 1 + numbers.below(16))
    switch self {
    case .bitFlip: bytes[place] ^= 1 << UInt8(numbers.below(8))
    case .randomByte: bytes[place] = UInt8(truncatingIfNeeded: numbers.next())
    case .insertion: bytes.insert(UInt8(truncatingIfNeeded: numbers.next()), at: place)
    case .removal: bytes.removeSubrange(place..<end)
    case .mark: bytes[place] = Self.marks[numbers.below(Self.marks.count)]
    case .truncation: bytes.removeSubrange(place...)
    case .duplication: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
    case .splice:
      bytes.replaceSubrange(place..., with: other.suffix(numbers.below(other.count + 1)))
    case .hugeNumber: replaceNumber(in: &bytes, from: place, &numbers)
    case .emptied: emptyField(in: &bytes, from: place)
    case .longField:
      let filler = Self.marks[numbers.below(Self.marks.count)]
      let length = [255, 1_023, 4_096, 65_536][numbers.below(4)]
      bytes.insert(contentsOf: repeatElement(filler, count: length), at: place)
    case .deepNesting:
      let depth = [63, 255, 4_096][numbers.below(3)]
      let (open, close) = [("[", "]"), ("{\"a\":", "}"), ("{\"a\":[", "]}")][numbers.below(3)]
      let nested =
        String(repeating: open, count: depth)
        + (numbers.below(2) == 0 ? "1" + String(repeating: close, count: depth) : "")
      bytes.insert(contentsOf: Array(nested.utf8), at: place)
    }
  }

  private func isNumeric(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The digits that follow the place become another number.
  private func replaceNumber(
    in bytes: inout [UInt8], from place: Int, _ numbers: inout FuzzNumbers
  ) {
    guard let start = bytes[place...].firstIndex(where: isNumeric) else { return }
    let end = bytes[start...].firstIndex { !isNumeric($0) } ?? bytes.count
    bytes.replaceSubrange(
      start..<end, with: Array(Self.numbers[numbers.below(Self.numbers.count)].utf8))
  }

  /// What stands between the next two quotes, or else blanks, is taken out.
  private func emptyField(in bytes: inout [UInt8], from place: Int) {
    for mark in "\" ,\t|".utf8 {
      guard let start = bytes[place...].firstIndex(of: mark),
        let end = bytes[(start + 1)...].firstIndex(of: mark)
      else { continue }
      return bytes.removeSubrange(start + 1..<end)
    }
  }
}
