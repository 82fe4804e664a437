/// An hour of requests in which it is known of each whether somebody repeated a failed one: situations that the simulator of incidents does not have.
///
/// Who comes is drawn for each second; an answer fails by a chance that waves over the trouble, and who was failed asks again with a given chance after some seconds, however often.
package struct RepeatScene: Sendable {
  /// Who stands behind the addresses, and how they ask.
  package enum Situation: String, Sendable, CaseIterable {
    /// Many people share an address and an agent, as in an office or behind a carrier; others come alone.
    case sharedAddresses
    /// A few machines try passwords at one address while people come as usual.
    case credentialStuffing
    /// Programs of very different pace, and those that ask most are failed most.
    case unevenPaces
    /// A cache was emptied: few proxies pass on what many people ask for.
    case passingProxies
    /// The same, but what was answered once is not passed on again, and what failed is.
    case refillingCaches
    /// Answers take long and an app gives up after some seconds.
    case givingUp
    /// People come alone, many or all are failed.
    case people
  }

  /// One request and its answer.
  package struct Request: Sendable {
    /// Microseconds since the scene began.
    package var arrival: Int64
    /// Index of who is seen in the log.
    package var client: Int32
    package var url: Int32
    package var template: Int32
    package var status: UInt16 = 200
    /// Milliseconds to the end of the answer.
    package var milliseconds: Int32 = 40
    /// Somebody asks again for what failed.
    package var isRepeat = false
    var attempt = 0

    package var isUnanswered: Bool { status >= 500 || status == 499 }
  }

  package let situation: Situation
  /// Ascending by arrival.
  package private(set) var requests: [Request] = []
  /// Seconds in which answers fail.
  package let trouble = 1_800..<3_600
  package let seconds = 4_200
  /// Chance that who was failed asks again.
  let again: Double
  /// Mean share of failed answers in the trouble.
  let failing: Double
  private var dice: Dice
  private var pending: [[Request]]
  private var clients: Int32 = 0
  private let pages = WeightedChoice(zipf: 400, exponent: 0.9)
  private var members: [(client: Int32, pace: Double)] = []
  private var stored: Set<Int64> = []

  package init(_ situation: Situation, again: Double, failing: Double, seed: UInt64) {
    self.situation = situation
    self.again = again
    self.failing = failing
    dice = Dice(seed: seed, stream: 40)
    pending = Array(repeating: [], count: seconds)
    settle()
    for second in 0..<seconds {
      arrive(second)
      let due = pending[second].sorted { $0.arrival < $1.arrival }
      pending[second] = []
      for request in due { answer(request, second) }
    }
    requests.sort { $0.arrival < $1.arrival }
  }

  /// Repeats that came in a stretch of seconds.
  package func repeats(in stretch: Range<Int>) -> Int {
    requests.count { $0.isRepeat && stretch.contains(Int($0.arrival / 1_000_000)) }
  }

  private func isTrouble(_ second: Int) -> Bool { trouble.contains(second) }

  private mutating func newClient() -> Int32 {
    clients += 1
    return clients - 1
  }

  /// Those who are there all the time.
  private mutating func settle() {
    func admit(_ count: Int, _ pace: (inout Dice) -> Double) {
      for _ in 0..<count { members.append((newClient(), pace(&dice))) }
    }
    switch situation {
    case .sharedAddresses: admit(30) { min(6, $0.lognormal(median: 0.3, sigma: 0.9)) }
    case .credentialStuffing: admit(20) { $0.uniform(0.4...2.5) }
    case .unevenPaces: admit(300) { min(2, $0.lognormal(median: 0.012, sigma: 1.6)) }
    case .passingProxies, .refillingCaches: admit(50) { $0.uniform(0.4...1.2) }
    case .givingUp, .people: break
    }
  }

  private mutating func add(_ second: Int, _ client: Int32, url: Int32, template: Int32? = nil) {
    let moment = Int64(second) * 1_000_000 + Int64(dice.below(1_000_000))
    schedule(
      Request(arrival: moment, client: client, url: url, template: template ?? 1_000 + url % 12))
  }

  private mutating func schedule(_ request: Request) {
    let second = Int(request.arrival / 1_000_000)
    if second < seconds { pending[second].append(request) }
  }

  private mutating func arrive(_ second: Int) {
    let surge = isTrouble(second) ? 1.5 : 1
    // The purge.
    if second == trouble.lowerBound { stored = [] }
    for (place, member) in members.enumerated() {
      switch situation {
      case .credentialStuffing:
        guard second >= trouble.lowerBound - 120, second < trouble.upperBound - 300 else { break }
        for _ in 0..<dice.poisson(mean: member.pace) {
          add(second, member.client, url: 5_000, template: 2_000)
        }
      case .unevenPaces:
        for _ in 0..<dice.poisson(mean: member.pace) {
          let own = 1 + place % 5
          add(second, member.client, url: Int32((place * 7 + dice.below(own)) % 40))
        }
      case .passingProxies, .refillingCaches:
        let pace = member.pace * (isTrouble(second) ? 1 : 0.08)
        for _ in 0..<dice.poisson(mean: pace) {
          let page = pages.draw(&dice)
          let key = Int64(member.client) << 32 | Int64(page)
          if situation == .refillingCaches, stored.contains(key) { continue }
          add(second, member.client, url: Int32(page))
        }
      default:
        for _ in 0..<dice.poisson(mean: member.pace * surge) {
          add(second, member.client, url: Int32(pages.draw(&dice)))
        }
      }
    }
    visit(second, surge)
  }

  /// People who come alone, read some pages and leave.
  private mutating func visit(_ second: Int, _ surge: Double) {
    let rate: Double
    switch situation {
    case .unevenPaces, .passingProxies, .refillingCaches: rate = 0.05
    case .givingUp, .people: rate = 1.2 * surge
    case .sharedAddresses, .credentialStuffing: rate = 0.6
    }
    for _ in 0..<dice.poisson(mean: rate) {
      let client = newClient()
      var moment = Double(second) + dice.uniform()
      repeat {
        let signsIn = situation == .credentialStuffing && dice.chance(0.15)
        let url = signsIn ? 5_000 : Int32(pages.draw(&dice))
        let arrival = Int64(moment * 1_000_000)
        schedule(
          Request(
            arrival: arrival, client: client, url: url,
            template: signsIn ? 2_000 : 1_000 + url % 12))
        moment += 1.5 + dice.lognormal(median: 14, sigma: 0.9)
      } while dice.chance(0.75)
    }
  }

  /// The chance of a failure in a second, for a client of some pace.
  private func chance(_ second: Int, _ client: Int32) -> Double {
    guard isTrouble(second) else { return 0.001 }
    let wave = 1 + 0.35 * PortableMath.cosine(turns: Double(second) / 420)
    var chance = failing * wave
    if situation == .unevenPaces, Int(client) < members.count {
      let heavy = PortableMath.log(max(1, members[Int(client)].pace / 0.004))
      chance *= 0.4 + 0.3 * heavy
    }
    return failing >= 1 ? 1 : min(0.97, chance)
  }

  private mutating func answer(_ asked: Request, _ second: Int) {
    var request = asked
    let isMachine = situation == .credentialStuffing && Int(request.client) < members.count
    if dice.chance(chance(second, request.client)) {
      if situation == .givingUp {
        request.status = 499
        request.milliseconds = Int32(dice.integer(5_500...6_500))
      } else {
        request.status = 503
        request.milliseconds = Int32(dice.integer(1...6))
      }
    } else if isMachine {
      request.status = dice.chance(0.3) ? 429 : 403
    } else if situation == .refillingCaches, Int(request.client) < members.count {
      stored.insert(Int64(request.client) << 32 | Int64(request.url))
    }
    requests.append(request)
    guard request.isUnanswered, !isMachine, request.attempt < 12, dice.chance(again) else { return }
    var next = request
    next.status = 200
    next.milliseconds = 40
    next.attempt += 1
    next.isRepeat = true
    let delay = 1 + dice.exponential(mean: 4)
    next.arrival += Int64(request.milliseconds) * 1_000 + Int64(delay * 1_000_000)
    schedule(next)
  }
}
