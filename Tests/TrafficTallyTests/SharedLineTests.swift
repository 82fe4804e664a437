import IncidentModel
import Testing

@testable import TrafficTally

struct SharedLineTests {
  /// Requests of many clients in seconds that follow each other.
  static func requests(_ count: Int, seed: UInt64, from second: Int64 = 0) -> [Request] {
    var numbers = SeededNumbers(seed)
    return (0..<count).map { index in
      var request = Request()
      request.arrival += (second + Int64(index / 20)) * 1_000_000
      request.client = "203.0.113.\(Int.random(in: 0..<200, using: &numbers))"
      request.target = "/item/\(Int.random(in: 0..<2_000, using: &numbers))"
      return request
    }
  }

  static func view(
    _ parts: [[Request]], order: [Int]? = nil, every: Int = .max,
    options: TallyOptions = TallyOptions()
  ) -> TrafficView {
    var whole = Tally(options: options)
    for input in order ?? Array(parts.indices) {
      Member(input: input, seed: UInt64(input), requests: parts[input])
        .tally(every: every, into: &whole)
      whole.describe(input: input, InputSummary(name: InputName(file: "web-\(input).log")))
    }
    return whole.view()
  }

  static func suspicions(_ view: TrafficView) -> [String] {
    view.inputs.flatMap { row in
      row.problems.filter { $0.kind == .overlaps }.map { "\(row.name.file): \($0.detail)" }
    }
  }

  @Test func `a rotation that was copied in the middle is named`() throws {
    let log = Self.requests(20_000, seed: 1)
    let view = Self.view([Array(log[..<12_000]), Array(log[6_000...])])
    let row = try #require(view.inputs.first { !$0.problems.isEmpty })
    #expect(Self.suspicions(view).count == 1)
    #expect(row.name.file == "web-0.log")
    let problem = try #require(row.problems.first)
    #expect(problem.kind == .overlaps)
    let share = problem.detail.pieces.compactMap { piece -> Double? in
      if case .share(let part, let whole) = piece { part / whole } else { nil }
    }
    // 6,000 of its 12,000 lines.
    #expect(abs((share.first ?? 0) - 0.5) < 0.08)
    #expect(!problem.isLoss)
  }

  /// What is kept of each input: how many times it was halved, and which lines.
  private func kept(_ prints: LinePrints) -> [Int: [UInt64]] {
    prints.samples.mapValues { sample in
      [UInt64(sample.level)] + sample.prints.keys.sorted()
    }
  }

  @Test func `what is kept of many inputs does not depend on when they came`() {
    // Room for 4,096 each is there for 32 inputs; of 40 half as many lines stay of each.
    var parts: [LinePrints] = []
    var numbers = SeededNumbers(21)
    for input in 0..<40 {
      for _ in 0..<2 {
        var part = LinePrints()
        for _ in 0..<1_500 {
          let line = "line \(UInt64.random(in: 0..<1 << 40, using: &numbers))"
          part.add(line.utf8.span, LinePrints.Print(time: 1, shape: 2), input: input)
        }
        parts.append(part)
      }
    }
    var forward = LinePrints()
    for part in parts { forward.merge(part) }
    var backward = LinePrints()
    for part in parts.reversed() { backward.merge(part) }
    let mixed = parts.indices.map { $0 * 37 % parts.count }
    #expect(Set(mixed).count == parts.count)
    var shuffled = LinePrints()
    for index in mixed { shuffled.merge(parts[index]) }
    #expect(kept(forward) == kept(backward))
    #expect(kept(forward) == kept(shuffled))
    #expect(forward.samples.count == 40)
    #expect(forward.samples.values.allSatisfy { (1...2_048).contains($0.prints.count) })
  }

  @Test func `the order of reading and the size of the parts change nothing`() {
    let log = Self.requests(90_000, seed: 2)
    let parts = [Array(log[..<60_000]), Array(log[30_000...]), Array(log[..<500])]
    let first = Self.suspicions(Self.view(parts))
    #expect(!first.isEmpty)
    for (order, every) in [([2, 1, 0], 997), ([1, 0, 2], 20_000), ([0, 2, 1], 61)] {
      #expect(Self.suspicions(Self.view(parts, order: order, every: every)) == first)
    }
  }

  @Test func `the numbers of the inputs change nothing`() {
    let log = Self.requests(6_000, seed: 12)
    let parts = [log, log, Array(log[3_000...])]
    func view(_ numbers: [Int]) -> [String] {
      var whole = Tally(options: TallyOptions())
      for (place, number) in numbers.enumerated() {
        Member(input: number, seed: 1, requests: parts[place]).tally(into: &whole)
        whole.describe(input: number, InputSummary(name: InputName(file: "web-\(place).log")))
      }
      return Self.suspicions(whole.view())
    }
    let first = view([0, 1, 2])
    #expect(first.count == 3)
    #expect(view([2, 1, 0]) == first)
    #expect(view([7, 9, 8]) == first)
  }

  @Test func `hosts that share out the load share no lines`() {
    let view = Self.view([Self.requests(20_000, seed: 3), Self.requests(20_000, seed: 4)])
    #expect(Self.suspicions(view).isEmpty)
  }

  @Test func `two places of one flow write different lines`() {
    let outer = Self.requests(20_000, seed: 5)
    let inner = outer.map { request in
      var request = request
      request.client = "192.0.2.1"
      request.backend = "198.51.100.4:8080"
      return request
    }
    #expect(Self.suspicions(Self.view([outer, inner])).isEmpty)
  }

  @Test func `a health check that writes the same lines to two hosts is no overlap`() {
    func host(_ seed: UInt64) -> [Request] {
      let probes = (0..<6_000).map { second in
        var probe = Request()
        probe.arrival += Int64(second) * 1_000_000
        probe.client = "192.0.2.\(second % 8)"
        probe.target = "/healthz"
        return probe
      }
      return probes + Self.requests(2_000, seed: seed)
    }
    #expect(Self.suspicions(Self.view([host(6), host(7)])).isEmpty)
  }

  @Test func `lines that repeat within an input prove nothing`() {
    let log = Self.requests(10_000, seed: 8)
    #expect(Self.suspicions(Self.view([log, log])).count == 1)
    #expect(Self.suspicions(Self.view([log + log, log + log])).isEmpty)
  }

  @Test func `a few lines in common are no suspicion`() {
    let log = Self.requests(20_000, seed: 9)
    let other = Self.requests(20_000, seed: 10)
    // A tenth of the smaller one.
    #expect(Self.suspicions(Self.view([log, Array(log[..<2_000]) + other[2_000...]])).isEmpty)
  }

  @Test func `where each member is a service nothing is added twice`() {
    let log = Self.requests(10_000, seed: 11)
    let options = TallyOptions(serviceRule: .member, memberName: "web")
    #expect(Self.suspicions(Self.view([log, log], options: options)).isEmpty)
  }

  @Test func `what is kept of an input is bounded`() {
    var prints = LinePrints()
    for number in 0..<200_000 {
      let line = Array("line \(number)".utf8)
      prints.add(line.span, LinePrints.Print(time: UInt64(number), shape: 0), input: 0)
    }
    let kept = prints.samples[0]?.prints.count ?? 0
    #expect(kept <= LinePrints.room && kept > LinePrints.room / 4)
  }
}
