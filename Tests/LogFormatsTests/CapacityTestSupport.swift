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
