package import IncidentModel

/// Large `combined` logs in little time, for measuring throughput: many addresses, paths and agents, but no story.
package struct LoadGenerator {
  private let addresses: [[UInt8]]
  private let rests: [[UInt8]]
  private let restChoice: [Int32]
  private var dice: Dice

  package init(seed: UInt64) {
    var dice = Dice(seed: seed, stream: 31)
    addresses = (0..<8_192).map { _ in
      let four = "\(["192.0.2", "198.51.100", "203.0.113"][dice.below(3)]).\(dice.below(256))"
      let six = "2001:db8:\(String(dice.below(65_536), radix: 16))::1"
      return Array((dice.chance(0.9) ? six : four).utf8)
    }
    let incident = SimulatedIncident(Self.sample(seed: seed))
    // What follows the stamp is taken from a real simulation, so that its variety is a shop's.
    var seen: [[UInt8]] = []
    var writer = AccessLogWriter(kind: .combined, incident: incident)
    for request in incident.requests.prefix(12_000) {
      let low = writer.bytes.count
      writer.write(request)
      let line = writer.bytes[low...]
      if let bracket = line.firstIndex(of: UInt8(ascii: "]")) {
        seen.append(Array(line[bracket...]))
      }
    }
    rests = seen
    let choice = WeightedChoice(zipf: max(1, seen.count), exponent: 0.4)
    restChoice = (0..<65_536).map { _ in Int32(choice.draw(&dice)) }
    self.dice = dice
  }

  private static func sample(seed: UInt64) -> IncidentPlan {
    var plan = IncidentPlan(scenario: .scalingNotTriggered, seed: seed)
    plan.demand.corners = []
    plan.onset = nil
    plan.seconds = 1_500
    plan.demand.base = 9
    plan.capacity = 1
    plan.size = 12
    return plan
  }

  /// One log of at least `size` bytes that begins at `start`, handed over in portions of whole lines.
  ///
  /// - Parameter linesPerSecond: how densely the lines stand on the clock.
  /// - Returns: the number of lines.
  package mutating func generate(
    size: Int, start: Instant, linesPerSecond: Int, into take: ([UInt8]) throws -> Void
  ) rethrows -> Int {
    guard !rests.isEmpty, linesPerSecond > 0 else { return 0 }
    var portion: [UInt8] = []
    portion.reserveCapacity(1 << 20 + 4_096)
    var made = 0
    var lines = 0
    var stamp: [UInt8] = []
    while made + portion.count < size {
      if lines % linesPerSecond == 0 {
        stamp = Array(" - - [".utf8)
        stamp.add(commonLogTime: start.advanced(bySeconds: Double(lines / linesPerSecond)))
      }
      let word = dice.next()
      portion += addresses[Int(truncatingIfNeeded: word & 8_191)]
      portion += stamp
      portion += rests[Int(restChoice[Int(truncatingIfNeeded: word >> 13 & 65_535)])]
      lines += 1
      if portion.count >= 1 << 20 {
        made += portion.count
        try take(portion)
        portion.removeAll(keepingCapacity: true)
      }
    }
    try take(portion)
    return lines
  }
}
