internal import IncidentModel

/// Bytes on their way into one section of a tally file.
///
/// Counts and differences are LEB128 (seven bits a byte, the lowest first), signed numbers zigzag before that, hashes eight bytes, the lowest first.
/// Services, names and inputs go in under their places in the order of their texts, so that equal tallies give equal bytes.
struct TallyEncoder {
  private(set) var bytes: [UInt8] = []
  private let numbers: TallyNumbers

  init(_ numbers: TallyNumbers) { self.numbers = numbers }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A number that is not negative.
  mutating func count(_ value: Int) { unsigned(UInt64(max(0, value))) }

  mutating func signed(_ value: Int64) {
    unsigned(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  mutating func word(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func text(_ value: [UInt8]) {
    count(value.count)
    bytes += value
  }

  mutating func string(_ value: String) { text(Array(value.utf8)) }

  /// A value that may be missing, with a byte in front that says whether it is there.
  mutating func optional<Value>(
    _ value: Value?, _ body: (inout TallyEncoder, Value) -> Void
  ) {
    flag(value != nil)
    if let value { body(&self, value) }
  }

  /// A number above the one before it.
  mutating func ascending(_ value: UInt64, after before: inout UInt64?) {
    unsigned(before.map { value &- $0 &- 1 } ?? value)
    before = value
  }

  func service(_ id: Int) -> Int { Int(numbers.services[id]) }

  func name(_ id: UInt32) -> UInt64 { UInt64(numbers.names[Int(id)]) }

  func input(_ number: Int) -> Int { numbers.inputs[number] ?? 0 }

  mutating func inputNumber(_ number: Int32) { count(input(Int(number))) }

  mutating func position(_ position: LogPosition) {
    count(input(position.input))
    count(position.line)
    count(position.offset)
  }

  /// The packed service and stratum as the file has it, without a mark.
  func key(_ key: UInt64) -> UInt64 {
    UInt64(service(SeriesStore.service(of: key))) << TallyTime.bits | SeriesStore.time(of: key)
  }

  mutating func rank(_ rank: SampleEntry.Rank) {
    word(rank.hash)
    word(rank.digest)
    count(rank.offset)
    inputNumber(rank.input)
  }

  mutating func append(_ other: TallyEncoder) { bytes += other.bytes }

  /// An encoder without bytes for the same file.
  var fresh: TallyEncoder { TallyEncoder(numbers) }
}

/// The places of a tally's services, names and inputs in its file.
struct TallyNumbers {
  /// -1 for those that nothing needs.
  var services: [Int32]
  var names: [Int32]
  var inputs: [Int: Int]
}
