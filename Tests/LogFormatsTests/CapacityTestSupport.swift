import IncidentModel

@testable import LogFormats

/// What a capacity format makes of some lines, and whether it took each.
struct CapacityReading {
  var events: [CapacityEvent] = []
  var reasons: [String] = []
  var ignored = 0

  init(_ format: any CapacityFormat.Type, _ lines: [String], date: Instant? = nil) {
    self.init(format, lines.map { Array($0.utf8) }, date: date)
  }

  init(_ format: any CapacityFormat.Type, _ lines: [[UInt8]], date: Instant? = nil) {
    var memory = CapacityMemory()
    for (index, line) in lines.enumerated() {
      let context = CapacityContext(
        position: LogPosition(input: 0, line: index + 1, offset: 0), date: date)
      do throws(LineError) {
        switch try format.parse(line.span, in: context, memory: &memory) {
        case .events(let told): events += told
        case .ignored: ignored += 1
        }
      } catch {
        reasons.append("\(error.reason)@\(error.column)")
      }
    }
    events += format.finish(&memory)
  }

  var kinds: [CapacityEvent.Kind] { events.map(\.kind) }
  var texts: [String] { events.map { String(decoding: $0.text.bytes, as: UTF8.self) } }
}

/// A moment as RFC 3339 writes it.
func moment(_ text: String) -> Instant {
  CapacityStamp.iso(Array(text.utf8))?.time ?? Instant(microseconds: .min)
}

func isUnmistakable(_ format: any CapacityFormat.Type, _ line: String) -> Bool {
  let bytes = Array(line.utf8)
  return format.isUnmistakable(bytes.span, envelope: "")
}

/// SplitMix64, so that a failing seed can be run again.
struct CapacityRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// A line with up to six bytes changed, taken out or put in, or its end cut off.
  mutating func mutated(_ line: [UInt8]) -> [UInt8] {
    var line = line
    for _ in 0...Int.random(in: 0..<6, using: &self) where !line.isEmpty {
      let place = Int.random(in: 0..<line.count, using: &self)
      switch Int.random(in: 0..<5, using: &self) {
      case 0: line[place] = UInt8.random(in: .min ... .max, using: &self)
      case 1: line.remove(at: place)
      case 2: line.insert("{}[]\",:\\0-9 ".utf8.randomElement(using: &self) ?? 0, at: place)
      case 3: line = Array(line[..<place])
      default: line += line[place...]
      }
    }
    return line
  }
}

extension FormatScript {
  /// The documents that the script accepts or ignores.
  var documents: [[UInt8]] {
    cases.compactMap { item in
      if case .reject? = item.expectations.first { return nil }
      guard case .document(let bytes) = item.subject else { return nil }
      return bytes
    }
  }
}
