import IncidentModel

@testable import TrafficTally

/// SplitMix64 with a seed that a failing test prints.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// One request of a test, from which a line and its record are made.
struct Request: Sendable {
  var arrival: Int64 = 1_700_000_000_000_000
  var duration: Int64 = -1
  var status: UInt16 = 200
  var service = ""
  var isServerSet = true
  var client = "203.0.113.7"
  var target = "/"
  var agent = "curl/8.5"
  var referrer = ""
  var backend = ""
  var isShed = false
  var tellsShed = true
  var isNoLatency = false
  var bytes: Int64 = 100
  /// Distinguishes lines that are alike.
  var mark = 0

  var fields: [String] { [service, client, target, agent, referrer, backend, "\(mark)"] }
  var line: [UInt8] { Array(fields.joined(separator: "|").utf8) }

  var record: AccessRecord {
    var record = AccessRecord()
    record.arrival = Instant(microseconds: arrival)
    record.stamp = record.arrival
    record.duration = duration
    record.durationIsNoLatency = isNoLatency
    record.status = status
    record.byteCount = bytes
    record.isShed = isShed
    record.tellsShed = tellsShed
    record.serviceIsServerSet = isServerSet
    var ranges: [TextRange] = []
    var start = 0
    for field in fields {
      ranges.append(TextRange(start..<start + field.utf8.count))
      start += field.utf8.count + 1
    }
    record.service = ranges[0]
    record.client = ranges[1]
    record.target = ranges[2]
    record.agent = ranges[3]
    record.referrer = ranges[4]
    record.backend = ranges[5]
    return record
  }
}

/// A member of a test: an input's number, its seed and its requests in the order of its lines.
struct Member {
  var input = 0
  var seed: UInt64 = 7
  var requests: [Request]

  /// Tallies some of the requests as one worker does, handing over after every `every`.
  func tally(
    _ range: Range<Int>? = nil, every: Int = .max, into whole: inout Tally
  ) {
    var member = MemberTally(input: input, contentSeed: seed, options: whole.options)
    var offset = 0
    var sinceHandOver = 0
    for (number, request) in requests.enumerated() {
      let line = request.line
      if (range ?? requests.indices).contains(number) {
        member.add(
          request.record, line: line.span, scratch: [UInt8]().span, number: number + 1,
          offset: offset)
        sinceHandOver += 1
        if sinceHandOver == every {
          member.merge(into: &whole)
          sinceHandOver = 0
        }
      }
      offset += line.count + 1
    }
    member.endOfBlock()
    member.merge(into: &whole)
  }
}

/// The view of some members read one after the other.
func tallied(_ members: [Member], _ options: TallyOptions = TallyOptions()) -> TrafficView {
  var whole = Tally(options: options)
  for member in members { member.tally(into: &whole) }
  return whole.view()
}

func tallied(_ requests: [Request], _ options: TallyOptions = TallyOptions()) -> TrafficView {
  tallied([Member(requests: requests)], options)
}

/// Traffic in which every structure has something to keep.
func mixedRequests(_ count: Int, seed: UInt64, spanSeconds: Int64 = 7200) -> [Request] {
  var numbers = SeededNumbers(seed)
  let statuses: [UInt16] = [200, 200, 200, 200, 301, 404, 429, 499, 0, 500, 502, 503, 504, 521]
  return (0..<count).map { index in
    var request = Request()
    // Whole seconds, so that arrivals tie often.
    request.arrival += Int64.random(in: 0..<spanSeconds, using: &numbers) * 1_000_000
    request.duration = Int64.random(in: -1...3_000_000, using: &numbers)
    request.status = statuses.randomElement(using: &numbers) ?? 200
    request.service =
      ["shop.example.com", "", "api.example.com", "www.example.com"]
      .randomElement(using: &numbers) ?? ""
    request.isServerSet = Bool.random(using: &numbers)
    request.client = "203.0.113.\(Int.random(in: 0..<200, using: &numbers))"
    request.target = "/item/\(Int.random(in: 0..<9, using: &numbers))/x\(index % 5)"
    request.backend = "192.0.2.\(Int.random(in: 1..<5, using: &numbers)):80"
    request.isShed = request.status == 503 && Bool.random(using: &numbers)
    request.mark = index
    return request
  }
}

/// Budgets so small that a few hundred requests make every structure widen.
func tightBudgets() -> TallyBudgets {
  var budgets = TallyBudgets()
  budgets.seriesBytes = 12_000
  budgets.latencyEntries = 300
  budgets.sampleBytes = 12_000
  budgets.sampleSize = 4
  budgets.sampleTexts = 2
  budgets.exemplarBytes = 12_000
  budgets.clientBytes = 3000
  budgets.trailBytes = 20_000
  budgets.trailTextBytes = 2_000
  budgets.backendEntries = 150
  budgets.inputMinutes = 20
  budgets.servicesShown = 2
  return budgets
}
