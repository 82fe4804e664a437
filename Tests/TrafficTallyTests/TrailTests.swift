import IncidentModel
import Testing

@testable import TrafficTally

/// What is kept of followed clients (METHODS §1).
struct TrailTests {
  private let start: Int64 = 1_700_000_000_000_000

  /// Requests of some clients with three failures in a row each, 20 s apart.
  private func crowd(_ clients: Int, each: Int = 4, spanSeconds: Int64 = 7200) -> [Request] {
    var requests: [Request] = []
    for client in 0..<clients {
      for turn in 0..<each {
        var request = Request(mark: requests.count)
        request.client = "2001:db8:\(client / 60_000):\(client % 60_000)::7"
        request.arrival =
          start + Int64(client) * 1_000_000 % (spanSeconds * 1_000_000)
          + Int64(turn) * 20_000_000
        request.target = "/item/\(client)?t=\(turn)"
        request.status = turn < 3 ? 503 : 200
        requests.append(request)
      }
    }
    return requests
  }

  @Test func `a client is an address with an agent, and all its requests are kept`() throws {
    var requests = crowd(2)
    for index in requests.indices {
      requests[index].client = "203.0.113.\(index / 4)"
      requests[index].agent = index % 2 == 0 ? "curl/8.5" : "Mozilla/5.0 Firefox/120.0"
      requests[index].referrer = index % 2 == 0 ? "-" : "https://shop.example.com/"
    }
    let trails = tallied(requests.reversed()).trails
    #expect(trails.level == 0)
    #expect(trails.clients.count == 4)
    let browser = try #require(trails.clients.first { $0.agentFamily == "Firefox" })
    #expect(browser.agentMajor == 120)
    #expect(browser.network == "203.0.113.0/24")
    #expect(browser.count == 2 && browser.cut == nil)
    #expect(browser.events.map(\.status) == [503, 200])
    #expect(browser.events.map { $0.flags.contains(.referred) } == [true, true])
    // `t` does not count, so that both ask for the same.
    #expect(Set(browser.events.map(\.url)).count == 1)
    #expect(browser.events[0].arrival < browser.events[1].arrival)
  }

  @Test func `a failed request's line is kept at its position`() throws {
    let requests = crowd(1)
    let trail = try #require(tallied(requests).trails.clients.first)
    #expect(trail.texts.count == 3)
    #expect(trail.text(at: trail.events[1].position)?.bytes == requests[1].line)
    #expect(trail.text(at: trail.events[3].position) == nil)
  }

  @Test(arguments: [
    ("/a?x=1&t=5&y=2", "/a?x=1&y=2"), ("/a?_=77", "/a"), ("/a", "/a"), ("/a?", "/a"),
    ("/a?ts=1&cb=2&nonce=3&tsx=4", "/a?tsx=4"), ("/a?t", "/a"), ("/a?table=1", "/a?table=1"),
  ])
  func `parameters against caches do not count`(target: String, expected: String) {
    let got = TrailReader.withoutIgnored(target.utf8.span)
    #expect(String(decoding: got, as: UTF8.self) == expected)
  }

  @Test func `methods and targets tell requests apart`() {
    var reader = TrailReader()
    let one = reader.route("GET".utf8.span, "/item/7".utf8.span)
    let two = reader.route("POST".utf8.span, "/item/7".utf8.span)
    let three = reader.route("GET".utf8.span, "/item/8".utf8.span)
    #expect(Set([one.url, two.url, three.url]).count == 3)
    #expect(one.template == two.template && two.template == three.template)
    #expect(reader.route("GET".utf8.span, "-".utf8.span).url == 0)
    let sampled = tallied([Request(target: "/item/7")]).services[0].sample[0].requests[0]
    #expect(sampled.templateSignature == one.template)
  }

  /// The level is the least at which what is kept fits, whoever was met first.
  @Test(arguments: [6_000, 12_000, 40_000, 90_000])
  func `the threshold halves until the trails fit`(budget: Int) {
    var budgets = TallyBudgets()
    budgets.trailBytes = budget
    let requests = crowd(300)
    let all = tallied(requests).trails
    let some = tallied(requests, TallyOptions(budgets: budgets)).trails
    #expect(all.clients.count == 300 && all.level == 0)
    func bytes(_ level: Int) -> Int {
      all.clients.filter { $0.id < 1 << UInt64(63 - level) }
        .reduce(0) { $0 + TrailStore.clientBytes + min(512, $1.count) * TrailStore.eventBytes }
    }
    #expect(some.level > 0)
    #expect(bytes(some.level) <= budget)
    #expect(bytes(some.level - 1) > budget)
    // Coordinated: what stays is what the wider sample has of the same clients.
    #expect(
      some.clients.map(\.id) == all.clients.map(\.id).filter { $0 < 1 << UInt64(63 - some.level) })
    #expect(some.scale == Double(1 << some.level))
  }

  @Test func `a heavy client keeps whole blocks and the beginning of one`() throws {
    // Two hours of a request every two seconds, from four members, so that they come out of order.
    let requests = (0..<3600).map { index in
      Request(arrival: start + Int64(index) * 2_000_000, status: 503, mark: index)
    }
    let members = (0..<4).map { part in
      Member(
        input: part, seed: UInt64(part),
        requests: requests.indices.filter { $0 % 4 == part }.map { requests[$0] })
    }
    let trail = try #require(tallied(members).trails.clients.first)
    #expect(tallied(members.reversed()).trails.clients == [trail])
    #expect(trail.count == 3600)
    #expect(trail.events.count == TrailStore.limit)
    #expect(trail.texts.count == TrailStore.textLimit)
    let cut = try #require(trail.cut)
    let kept = Set(trail.events.map(\.arrival))
    for request in requests {
      let arrival = Instant(microseconds: request.arrival)
      let known = trail.knows(TimeSpan(start: arrival, end: arrival))
      #expect(known == kept.contains(arrival))
    }
    // 150 requests a block: three whole ones and 62 of a fourth.
    let blocks = Dictionary(grouping: trail.events) { $0.arrival.bucketStart(width: 300) }
    #expect(blocks.values.filter { $0.count >= 150 }.count >= 3)
    #expect(blocks.values.contains { block in block.map(\.arrival).max() == cut.until })
  }

  @Test func `one client's thousands of requests in one block leave the first of them`() throws {
    let requests = (0..<5000).map { index in
      Request(arrival: start + Int64(index) * 10_000, mark: index)
    }
    let trail = try #require(tallied(requests).trails.clients.first)
    #expect(trail.events.map(\.arrival.microseconds) == requests.prefix(512).map(\.arrival))
    #expect(trail.weight == 5000.0 / 512)
  }

  @Test func `a million clients stay within the budget`() {
    var store = TrailStore()
    for number in 0..<1_000_000 {
      let id = TrailStore.client(Mixer.avalanche(UInt64(number)), 0)
      guard id < store.threshold else { continue }
      let slot = store.insert(id, TrailClient())
      _ = store.see(slot, 0, arrival: start, offset: number, input: 0)
      store.keep(
        TrailEvent(
          arrival: Instant(microseconds: start), url: 1, template: 1, offset: number, line: 1,
          input: 0, service: 0, milliseconds: -1, status: 200, flags: []), in: slot)
      if number % 1000 == 0 { store.fit(100_000, texts: 0) }
    }
    store.fit(100_000, texts: 0)
    #expect(store.measure <= 100_000)
    #expect(store.rows.count == store.measure / (TrailStore.clientBytes + TrailStore.eventBytes))
    // A tenth of what fits at the least, else it halved too often.
    #expect(store.rows.count > 200)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `trails are the same whatever the pieces and their order`(seed: UInt64) {
    var numbers = SeededNumbers(seed)
    var requests = crowd(40)
    for index in requests.indices {
      // A few clients have far more than they may keep.
      if index % 3 > 0 { requests[index].client = "203.0.113.\(index % 2)" }
      requests[index].service = index % 2 == 0 ? "a.example.com" : "b.example.com"
    }
    requests = (0..<12).flatMap { _ in requests }
    for index in requests.indices {
      requests[index].arrival += Int64.random(in: 0..<9000, using: &numbers) * 1_000_000
    }
    requests.shuffle(using: &numbers)
    var budgets = TallyBudgets()
    budgets.trailBytes = 36_000
    budgets.trailTextBytes = 9_000
    let options = TallyOptions(budgets: budgets)
    let member = Member(requests: requests)
    let expected = tallied([member], options).trails
    #expect(expected.level > 0)
    for round in 0..<3 {
      var start = 0
      var pieces: [Range<Int>] = []
      while start < requests.count {
        let end = min(requests.count, start + Int.random(in: 1...400, using: &numbers))
        pieces.append(start..<end)
        start = end
      }
      pieces.shuffle(using: &numbers)
      var whole = Tally(options: options)
      for piece in pieces {
        if round == 0 {
          member.tally(piece, into: &whole)
        } else {
          var part = Tally(options: options)
          member.tally(piece, into: &part)
          whole.merge(part)
        }
      }
      #expect(whole.view().trails == expected, "SeededNumbers(\(seed)), round \(round)")
    }
  }

  @Test func `lines are kept of fewer clients once there are too many failures`() {
    var budgets = TallyBudgets()
    budgets.trailTextBytes = 5_000
    let requests = crowd(300)
    let clients = tallied(requests, TallyOptions(budgets: budgets)).trails.clients
    #expect(clients.count == 300)
    let withTexts = clients.filter { !$0.texts.isEmpty }
    let bytes = withTexts.reduce(0) { $0 + $1.texts.reduce(0) { $0 + $1.text.bytes.count } }
    #expect(bytes <= 5_000 && bytes > 1_200)
    #expect(withTexts == Array(clients.prefix(withTexts.count)))
  }

  @Test func `services beyond those shown are other in trails as well`() throws {
    var budgets = TallyBudgets()
    budgets.servicesShown = 1
    let requests = (0..<9).map { index in
      Request(service: index < 6 ? "a.example.com" : "b\(index).example.com", mark: index)
    }
    let view = tallied(requests, TallyOptions(budgets: budgets))
    let trail = try #require(view.trails.clients.first)
    #expect(
      trail.events.map { view.services[Int($0.service)].name }.sorted().map(\.count)
        == [13, 13, 13, 13, 13, 13, 5, 5, 5])
  }
}
