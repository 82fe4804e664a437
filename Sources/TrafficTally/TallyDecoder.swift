internal import IncidentModel

/// What is wrong with a tally file, and at which byte of it.
package struct TallyDamage: Error, Hashable {
  package var offset: Int
  /// Floodmark's own words, such as `a service that is not in the list`.
  package var what: String

  package init(offset: Int, what: String) {
    self.offset = offset
    self.what = what
  }
}

/// Reads the bytes of one section of a tally file and trusts none of them.
///
/// Lists are as long as the bytes that are left can hold, so what a section takes in memory is bounded by its size.
struct TallyDecoder {
  /// What the numbers of a section may be.
  struct Bounds {
    var services = 0
    var names = 0
    /// The tally's number of each input of the file.
    var inputs: [Int] = []
    var budgets = TallyBudgets()
  }

  let bounds: Bounds
  private let bytes: [UInt8]
  private let start: Int
  private var place = 0

  /// `start` is where the section begins in the file.
  init(_ bytes: [UInt8], at start: Int, _ bounds: Bounds = Bounds()) {
    self.bytes = bytes
    self.start = start
    self.bounds = bounds
  }

  func damage(_ what: String) -> TallyDamage { TallyDamage(offset: start + place, what: what) }

  /// Refuses bytes behind the end.
  func finish() throws(TallyDamage) {
    if place != bytes.count { throw damage("bytes behind the end of a section") }
  }

  mutating func byte() throws(TallyDamage) -> UInt8 {
    guard place < bytes.count else { throw damage("a section ends early") }
    place += 1
    return bytes[place - 1]
  }

  mutating func flag() throws(TallyDamage) -> Bool {
    switch try byte() {
    case 0: return false
    case 1: return true
    default: throw damage("a yes or no that is neither")
    }
  }

  mutating func unsigned() throws(TallyDamage) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      // The tenth byte holds the last bit.
      if shift == 63, next > 1 { throw damage("a number beyond 64 bits") }
      value |= UInt64(next & 0x7f) << shift
      if next < 0x80 {
        if next == 0, shift > 0 {
          throw damage("a number that is written with more bytes than it needs")
        }
        return value
      }
      shift += 7
      if shift > 63 { throw damage("a number beyond 64 bits") }
    }
  }

  mutating func unsigned(upTo most: UInt64, _ what: String) throws(TallyDamage) -> UInt64 {
    let value = try unsigned()
    guard value <= most else { throw damage("\(what) that is too large") }
    return value
  }

  mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self
  ) throws(TallyDamage) -> Number {
    guard let value = Number(exactly: try unsigned()) else {
      throw damage("a count that is too large")
    }
    return value
  }

  /// A count that stays far from the end of its type, as what is added to it does.
  mutating func count() throws(TallyDamage) -> Int {
    Int(try unsigned(upTo: 1 << 62, "a count"))
  }

  mutating func signed() throws(TallyDamage) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// Microseconds since the epoch of a moment that a tally can hold.
  mutating func moment() throws(TallyDamage) -> Int64 {
    let value = try signed()
    guard TallyTime.clamped(Instant(microseconds: value)) == value else {
      throw damage("a moment outside of 1901 to 2173")
    }
    return value
  }

  mutating func word() throws(TallyDamage) -> UInt64 {
    guard bytes.count - place >= 8 else { throw damage("a section ends early") }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[place + index]) << UInt64(8 * index) }
    place += 8
    return value
  }

  mutating func text(upTo most: Int) throws(TallyDamage) -> [UInt8] {
    let length = Int(try unsigned(upTo: UInt64(max(0, most)), "a text"))
    guard length <= bytes.count - place else {
      throw damage("a text that goes on behind its section")
    }
    place += length
    return Array(bytes[place - length..<place])
  }

  /// Text that was a `String` when it was written.
  mutating func string(upTo most: Int) throws(TallyDamage) -> String {
    let text = try text(upTo: most)
    guard let string = String(validating: text, as: UTF8.self) else {
      throw damage("a text that is no UTF-8")
    }
    return string
  }

  mutating func optional<Value>(
    _ body: (inout TallyDecoder) throws(TallyDamage) -> Value
  ) throws(TallyDamage) -> Value? {
    try flag() ? try body(&self) : nil
  }

  /// The length of a list whose items take at least so many bytes each.
  mutating func length(least: Int) throws(TallyDamage) -> Int {
    let value = try unsigned()
    guard value <= UInt64((bytes.count - place) / max(1, least)) else {
      throw damage("a list that is longer than its section")
    }
    return Int(value)
  }

  mutating func ascending(after before: inout UInt64?) throws(TallyDamage) -> UInt64 {
    let step = try unsigned()
    var value = step
    if let before {
      let sum = before.addingReportingOverflow(step)
      guard !sum.overflow, sum.partialValue < .max else { throw damage("keys beyond 64 bits") }
      value = sum.partialValue + 1
    }
    before = value
    return value
  }

  mutating func level(below count: Int) throws(TallyDamage) -> Int {
    let value = try unsigned()
    guard value < UInt64(count) else { throw damage("a width of strata that there is not") }
    return Int(value)
  }

  /// A packed service and stratum, as the stores have it.
  mutating func key(after before: inout UInt64?) throws(TallyDamage) -> UInt64 {
    let value = try ascending(after: &before)
    guard value >> TallyTime.bits < UInt64(bounds.services) else {
      throw damage("a service that is not in the list")
    }
    return SlotTable.mark | value
  }

  mutating func service() throws(TallyDamage) -> Int {
    let value = try unsigned()
    guard value < UInt64(bounds.services) else {
      throw damage("a service that is not in the list")
    }
    return Int(value)
  }

  mutating func name() throws(TallyDamage) -> UInt32 {
    let value = try unsigned()
    guard value < UInt64(bounds.names) else { throw damage("a name that is not in the list") }
    return UInt32(value)
  }

  mutating func input() throws(TallyDamage) -> Int {
    let value = try unsigned()
    guard value < UInt64(bounds.inputs.count) else {
      throw damage("an input that is not in the list")
    }
    return bounds.inputs[Int(value)]
  }

  mutating func inputNumber() throws(TallyDamage) -> Int32 { Int32(clamping: try input()) }

  mutating func position() throws(TallyDamage) -> LogPosition {
    LogPosition(input: try input(), line: try count(), offset: try count())
  }

  mutating func rank() throws(TallyDamage) -> SampleEntry.Rank {
    SampleEntry.Rank(
      hash: try word(), digest: try word(), offset: try count(), input: try inputNumber())
  }
}
