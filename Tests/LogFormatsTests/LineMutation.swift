/// Lines with bytes changed, lost, doubled and cut.
enum LineMutation {
  static func mutated(_ line: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = line
    for _ in 0...generator.below(4) where !bytes.isEmpty {
      let place = generator.below(bytes.count)
      switch generator.below(6) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + generator.below(8)))
      case 2: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
      case 3: bytes.removeSubrange(place...)
      case 4: bytes.insert(contentsOf: Array("999999999999999999999".utf8), at: place)
      default:
        let marks = Array("\"\\[]{}:,- .9\u{0}".utf8)
        bytes[place] = marks[generator.below(marks.count)]
      }
    }
    return bytes
  }
}
