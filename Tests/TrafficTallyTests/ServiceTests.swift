import IncidentModel
import Testing

@testable import TrafficTally

struct ServiceTests {
  private func name(_ raw: String, isServerSet: Bool = false) -> String {
    var services = ServiceTable()
    let id = services.intern(raw: raw.utf8.span, isServerSet: isServerSet)
    return services.name(id)
  }

  @Test(
    arguments: [
      ("Shop.Example.COM", "shop.example.com"), ("shop.example.com:8080", "shop.example.com"),
      ("shop.example.com.", "shop.example.com"), ("localhost", "localhost"), ("", "default"),
      ("-", "default"), ("192.0.2.1", "other"), ("192.0.2.1:80", "other"),
      ("[2001:db8::1]", "other"),
      ("2001:db8::1", "other"), ("a b", "other"), ("${jndi:ldap://x}", "other"),
      ("..", "other"), ("-a.example.com", "other"), ("a_b.example.com", "a_b.example.com"),
      (String(repeating: "a", count: 64) + ".example.com", "other"),
    ])
  func clientSetHost(raw: String, expected: String) {
    #expect(name(raw) == expected)
  }

  @Test func `names that the server's side set are taken as they are`() {
    #expect(name("192.0.2.1:80", isServerSet: true) == "192.0.2.1")
    #expect(name("app/Shop/0123", isServerSet: true) == "app/shop/0123")
    #expect(name("[2001:db8::1]:443", isServerSet: true) == "[2001:db8::1]")
    #expect(name("2001:db8::1", isServerSet: true) == "2001:db8::1")
  }

  @Test func `the rule names the service`() {
    var request = Request()
    request.service = "shop.example.com"
    #expect(tallied([request]).services.map(\.name) == ["shop.example.com"])
    #expect(
      tallied([request], TallyOptions(serviceRule: .none)).services.map(\.name) == ["default"])
    let member = TallyOptions(serviceRule: .member, memberName: "web-1.log")
    #expect(tallied([request], member).services.map(\.name) == ["web-1.log"])
    let fixed = TallyOptions(fixedService: "shop")
    #expect(tallied([request], fixed).services.map(\.name) == ["shop"])
  }

  @Test func `services come by requests, then name, and the rest is other`() {
    var budgets = TallyBudgets()
    budgets.servicesShown = 3
    let counts = [("d", 5), ("a", 2), ("c", 2), ("b", 2), ("e", 1), ("192.0.2.9", 4)]
    var requests: [Request] = []
    for (service, count) in counts {
      for index in 0..<count {
        var request = Request()
        request.service = service
        request.isServerSet = index % 2 == 0 && service != "192.0.2.9"
        request.backend = "x"
        request.duration = 10
        request.mark = requests.count
        requests.append(request)
      }
    }
    let services = tallied(requests, TallyOptions(budgets: budgets)).services
    #expect(services.map(\.name) == ["d", "a", "b", "other"])
    #expect(services.map(\.totals.requests) == [5, 2, 2, 7])
    #expect(services.map { $0.sample.map(\.count).reduce(0, +) } == [5, 2, 2, 7])
    #expect(services.map { $0.wholeLatency?.count } == [5, 2, 2, 7])
    #expect(
      services.map { $0.backends.flatMap(\.minutes).map(\.count).reduce(0, +) } == [5, 2, 2, 7])
    #expect(services.map { $0.exemplars.count } == [3, 3, 3, 3])
    #expect(services.map(\.clients) == [1, 1, 1, 1])
  }

  @Test func `made-up hosts cost no memory and leave the true ones alone`() {
    var options = TallyOptions()
    options.budgets.seriesBytes = 200_000
    options.budgets.sampleBytes = 300_000
    options.budgets.exemplarBytes = 300_000
    options.budgets.clientBytes = 100_000
    options.budgets.latencyEntries = 20_000
    var whole = Tally(options: options)
    for round in 0..<10 {
      let requests = (0..<2000).map { index in
        var request = Request()
        request.service =
          index % 10 == 0 ? "shop.example.com" : "h\(round * 2000 + index).example.com"
        request.isServerSet = index % 10 == 0
        request.duration = 1000
        request.mark = round * 2000 + index
        return request
      }
      Member(input: round, seed: UInt64(round), requests: requests).tally(into: &whole)
    }
    #expect(whole.sums.series.measure <= 200_000)
    #expect(whole.sums.sample.measure <= 300_000)
    #expect(whole.sums.exemplars.measure <= 300_000)
    #expect(whole.sums.clients.measure <= 100_000)
    let view = whole.view()
    #expect(view.bucketSeconds == 60)
    #expect(view.services.count == 65)
    #expect(view.services[0].name == "shop.example.com")
    #expect(view.services[0].totals.requests == 2000)
    #expect(view.services[0].sample.map(\.requests.count) == [256])
    #expect(view.services.last?.name == "other")
    #expect(view.services.map(\.totals.requests).reduce(0, +) == 20_000)
  }
}
