/// A crowd that comes on top of the usual visitors: machines of some kind, or people who look like machines.
package struct GuestCrowd: Sendable {
  package enum Sort: String, CaseIterable, Sendable {
    /// Many addresses of many networks with the site's own browsers, each at its own slow pace.
    case botnet
    /// Few networks, many requests each, software that says what it is.
    case dataCentre = "data-centre"
    /// Few addresses that name another browser with every request, old ones among them.
    case scraper
    /// A declared crawler that came in greater number than usual.
    case crawler
    /// One form filled in over and over, nearly always in vain.
    case stuffing = "credential-stuffing"
    /// People whom an advertisement leads to one page.
    case campaign
    /// People whose telephones show the same message.
    case appPush = "app-push"
    /// People behind few addresses.
    case office

    package var isMachines: Bool {
      switch self {
      case .botnet, .dataCentre, .scraper, .crawler, .stuffing: true
      case .campaign, .appPush, .office: false
      }
    }
  }

  /// The sort of its crowd.
  package var sort: Sort
  /// Seconds from the log's start, and from one corner to the next.
  package var onset = 0
  package var ramp = 0
  package var hold = 0
  package var decay = 0
  /// Requests per second of machines at full height.
  package var rate = 0.0
  /// Of people, the share of the requests in the surge that begin a slanted visit.
  package var share = 0.0
  /// How many machines there are, and in how many networks.
  package var clients = 1
  package var networks = 1
  /// Each pause is up to this share longer or shorter than the machine's own.
  package var jitter = 0.2
  /// Share of the machines' requests that go to one resource.
  package var focus = 0.0

  /// Draws a crowd of the sort; the rate and the times are the plan's.
  init(_ sort: Sort, dice: inout Dice) {
    self.sort = sort
    jitter = dice.uniform(0.02...0.6)
    switch sort {
    case .botnet:
      clients = dice.integer(700...2_600)
      networks = dice.integer(150...1_500)
      jitter = dice.uniform(0.2...0.7)
      focus = dice.chance(0.5) ? dice.uniform(0.5...1) : 0
    case .dataCentre:
      clients = dice.integer(12...160)
      networks = dice.integer(1...6)
      focus = dice.chance(0.3) ? 0.9 : 0
    case .scraper:
      clients = dice.integer(4...40)
      networks = dice.integer(1...5)
    case .crawler:
      clients = dice.integer(4...60)
      networks = dice.integer(1...4)
      jitter = dice.uniform(0.4...0.9)
    case .stuffing:
      clients = dice.integer(60...900)
      networks = dice.integer(20...400)
      focus = 1
    case .campaign, .appPush: share = dice.uniform(0.75...0.98)
    case .office:
      share = dice.uniform(0.85...1)
      clients = dice.integer(1...5)
    }
  }

  /// How much of the crowd is there at a second since the log's start.
  package func height(at second: Double) -> Double {
    let since = second - Double(onset)
    if since < 0 { return 0 }
    if since < Double(ramp) { return since / Double(ramp) }
    let late = since - Double(ramp + hold)
    if late <= 0 { return 1 }
    return max(0, 1 - late / Double(max(1, decay)))
  }

  /// Seconds that count as one at full height.
  var weight: Double { Double(hold) + Double(ramp + decay) / 2 }
}

/// The machines of one incident as they run, and what guests do to visits.
struct GuestVisits {
  let crowd: GuestCrowd
  private var dice: Dice
  private var next: [Double] = []
  /// Indices of the crowd's clients; of scrapers a row of agents for each address.
  private var clients: [[Int32]] = []
  private var pool: [Int32] = []
  private var favourite: Int32 = 0

  init(_ guests: GuestCrowd, dice: Dice, site: Site, among crowd: inout Crowd) {
    self.crowd = guests
    self.dice = dice
    let fits: (Site.Resource) -> Bool =
      switch guests.sort {
      case .stuffing: { $0.method == "POST" }
      case .scraper: { $0.path.hasPrefix("/product/") }
      case .crawler, .botnet: { $0.sort == .page }
      default: { $0.sort == .page || $0.sort == .call }
      }
    pool = site.resources.indices.filter { fits(site.resources[$0]) }.map(Int32.init)
    favourite = pool[self.dice.below(pool.count)]
    if guests.sort == .campaign { favourite = Int32(self.dice.below(2)) }
    let pause = guests.rate > 0 ? Double(guests.clients) / guests.rate : 1
    let prefix = self.dice.below(40_000) + 1_024
    let software = Self.agents(guests.sort, of: crowd, &self.dice)
    for number in 0..<guests.clients {
      let network = prefix + self.dice.below(guests.networks)
      let address =
        "2001:db8:\(String(network, radix: 16)):\(String(number + 1, radix: 16))::"
        + String(self.dice.below(60_000) + 1, radix: 16)
      let names =
        guests.sort == .scraper ? software : [software[self.dice.below(software.count)]]
      clients.append(names.map { crowd.admit(address: address, agent: $0) })
      next.append(Double(guests.onset) + pause * self.dice.uniform())
    }
  }

  /// What the machines ask for in one second.
  mutating func requests(_ second: Int, from start: Int64) -> [SimulatedRequest] {
    guard crowd.sort.isMachines, crowd.rate > 0 else { return [] }
    let height = crowd.height(at: Double(second))
    let end = Double(second + 1)
    let pause = Double(crowd.clients) / crowd.rate
    var requests: [SimulatedRequest] = []
    for number in next.indices {
      let isHere = Double(number) < height * Double(crowd.clients)
      while next[number] < end {
        let within = next[number] - Double(second)
        next[number] += pause * max(0.02, 1 + crowd.jitter * dice.uniform(-1...1))
        guard isHere, within >= 0 else { continue }
        requests.append(
          SimulatedRequest(
            arrival: start + Int64(within * 1_000_000), target: target(), referrer: -1,
            client: clients[number][dice.below(clients[number].count)], kind: .machine))
      }
    }
    return requests
  }

  private mutating func target() -> Int32 {
    crowd.focus > 0 && dice.chance(crowd.focus) ? favourite : pool[dice.below(pool.count)]
  }

  /// A visit that begins in the surge may be one of the guests'.
  mutating func slant(
    _ visit: inout SimulatedRequest, second: Int, among people: inout Crowd
  ) {
    guard !crowd.sort.isMachines, dice.chance(crowd.share * crowd.height(at: Double(second)))
    else { return }
    switch crowd.sort {
    case .campaign:
      visit.target = favourite
      visit.referrer = -3
    case .appPush:
      visit.referrer = -1
      let address = people.clients[Int(visit.client)].address
      visit.client = people.admit(address: address, agent: "ExampleShop/5.0 okhttp/4.12.0")
    default:
      let agent = people.clients[Int(visit.client)].agent
      let number = dice.below(crowd.clients)
      visit.client = people.admit(
        address: "203.0.113.\(200 + number)", agent: people.agents[agent])
    }
  }

  /// What the site answers to a form that is filled in with guesses.
  mutating func answer(_ request: inout SimulatedRequest) {
    if crowd.sort == .stuffing, request.kind == .machine, request.status == 200,
      dice.chance(0.97)
    {
      request.status = 401
    }
  }

  private static func agents(
    _ sort: GuestCrowd.Sort, of crowd: Crowd, _ dice: inout Dice
  ) -> [String] {
    let browsers = crowd.agents.filter { $0.hasPrefix("Mozilla/5.0") && !$0.contains("bot") }
    func old(_ version: Int) -> String {
      "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/\(version).0.0.0 Safari/537.36"
    }
    switch sort {
    case .botnet:
      if dice.chance(0.4) { return browsers }
      return dice.chance(0.5) ? [browsers[dice.below(browsers.count)]] : (20..<27).map(old)
    case .dataCentre:
      let tools = ["python-requests/2.31.0", "Go-http-client/2.0", "curl/8.5.0", "Scrapy/2.11"]
      return [tools[dice.below(tools.count)]]
    case .scraper: return browsers + (15..<60).map(old)
    case .crawler:
      return ["Mozilla/5.0 (compatible; ExampleIndexer-crawler/3.0; +http://www.example.net/)"]
    case .stuffing:
      return dice.chance(0.5) ? browsers : [browsers[dice.below(browsers.count)]]
    default: return browsers
    }
  }
}

extension IncidentPlan {
  /// Puts a crowd of machines, or of people who look like machines, in the place of the surge.
  ///
  /// - Parameter mixture: share of the excess that is the usual visitors' own.
  package mutating func receive(_ sort: GuestCrowd.Sort, mixture: Double = 0) {
    guard let onset, demand.corners.count == 4 else { return }
    var dice = Dice(seed: seed, stream: 7)
    var crowd = GuestCrowd(sort, dice: &dice)
    let seconds = demand.corners.map { Int($0.second) }
    crowd.onset = onset
    crowd.ramp = seconds[1] - seconds[0]
    crowd.hold = seconds[2] - seconds[1]
    crowd.decay = seconds[3] - seconds[2]
    let height = guests.map { 1 + $0.rate / demand.base } ?? demand.corners[1].factor
    if sort.isMachines {
      crowd.rate = demand.base * (height - 1) * (1 - mixture)
      for index in demand.corners.indices {
        let isHigh = index == 1 || index == 2
        demand.corners[index].factor = isHigh ? 1 + (height - 1) * mixture : 1
      }
    } else {
      crowd.share *= 1 - 1 / height
      for index in [1, 2] { demand.corners[index].factor = height }
    }
    guests = crowd
  }
}

extension IncidentPlan {
  /// Puts people who look like machines in the place of the surge, or, in a surge of machines, as many more people beside them as the fleet could serve without the machines.
  package mutating func receiveCrowd() {
    var dice = Dice(seed: seed, stream: 10)
    guard let machines = guests, machines.sort.isMachines else {
      let sorts = GuestCrowd.Sort.allCases.filter { !$0.isMachines }
      return receive(sorts[dice.below(sorts.count)])
    }
    let height = machines.rate / demand.base
    // The day's swing and the noise take an eighth of the headroom.
    let room = capacity * Double(size) / demand.base / 1.14 - 1
    receive(machines.sort, mixture: dice.uniform(0.2...0.9) * max(0, min(1, room / height)))
  }

  /// One of the sorts of machines, by the seed.
  mutating func receiveMachines() {
    var dice = Dice(seed: seed, stream: 9)
    let sorts = GuestCrowd.Sort.allCases.filter(\.isMachines)
    receive(sorts[dice.below(sorts.count)])
  }
}
