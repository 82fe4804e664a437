internal import IncidentModel

/// Digits and names of a calendar's date.
extension LineCursor {
  /// The two digits at `place`, or -1.
  @inline(__always)
  func twoDigits(at place: Int) -> Int {
    let tens = line.byte(at: place) &- UInt8(ascii: "0")
    let ones = line.byte(at: place + 1) &- UInt8(ascii: "0")
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : -1
  }

  /// The four digits at `place`, or -1.
  @inline(__always)
  func fourDigits(at place: Int) -> Int {
    let high = twoDigits(at: place)
    let low = twoDigits(at: place + 2)
    return high < 0 || low < 0 ? -1 : high * 100 + low
  }

  /// The month, 1 … 12, whose English short name stands at `place` in any case; 0 for none.
  package func monthName(at place: Int) -> Int {
    let letters =
      UInt32(line.byte(at: place) | 0x20) << 16 | UInt32(line.byte(at: place + 1) | 0x20) << 8
      | UInt32(line.byte(at: place + 2) | 0x20)
    switch letters {
    case 0x6a616e: return 1
    case 0x666562: return 2
    case 0x6d6172: return 3
    case 0x617072: return 4
    case 0x6d6179: return 5
    case 0x6a756e: return 6
    case 0x6a756c: return 7
    case 0x617567: return 8
    case 0x736570: return 9
    case 0x6f6374: return 10
    case 0x6e6f76: return 11
    case 0x646563: return 12
    default: return 0
    }
  }

  /// The second at `place`, in microseconds; a leap second is the last millisecond before it; -1 for none.
  @inline(__always)
  func secondMicroseconds(at place: Int) -> Int64 {
    let second = twoDigits(at: place)
    if second == 60 { return 59_999_000 }
    return second < 0 || second > 60 ? -1 : Int64(second) &* 1_000_000
  }

  /// The fraction of a second behind a dot or comma, in microseconds; 0 where none stands here.
  ///
  /// Digits behind the sixth are dropped.
  @inline(__always)
  package mutating func fractionMicroseconds() -> Int64 {
    guard next == UInt8(ascii: ".") || next == UInt8(ascii: ","), isDigit(peek(1)) else { return 0 }
    position += 1
    var weight: Int64 = 100_000
    var value: Int64 = 0
    while position < line.count, isDigit(line[position]) {
      value &+= Int64(line[position] &- UInt8(ascii: "0")) &* weight
      weight /= 10
      position += 1
    }
    return value
  }

  /// The zone that stands here, in seconds east of Greenwich: `Z`, `+0200`, `-07:00`, `+02`, each with or without a blank in front, or ` UTC`, ` GMT`; nil, and no step, for none.
  package mutating func zoneOffset() -> Int? {
    let start = position
    if next == UInt8(ascii: " ") { position += 1 }
    switch next {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"):
      if !isWordByte(peek(1)) {
        position += 1
        return 0
      }
    case UInt8(ascii: "U"), UInt8(ascii: "G"):
      if (sees("UTC") || sees("GMT")) && !isWordByte(peek(3)) {
        position += 3
        return 0
      }
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      if let offset = numericOffset() { return offset }
    default: break
    }
    position = start
    return nil
  }

  private mutating func numericOffset() -> Int? {
    let sign = next == UInt8(ascii: "-") ? -1 : 1
    let hours = twoDigits(at: position + 1)
    // No zone is further from Greenwich than +14:00.
    guard (0...15).contains(hours) else { return nil }
    let hasColon = peek(3) == UInt8(ascii: ":")
    let minutes = twoDigits(at: position + (hasColon ? 4 : 3))
    if minutes < 0 {
      // `+02` ends here; `-1 ` behind a stamp is a field of its own and has no second digit.
      if isWordByte(peek(3)) { return nil }
      position += 3
      return sign * hours * 3_600
    }
    if minutes > 59 { return nil }
    position += hasColon ? 6 : 5
    return sign * (hours * 3_600 + minutes * 60)
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26
  }
}
