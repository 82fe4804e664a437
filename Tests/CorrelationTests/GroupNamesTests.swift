import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Two names of one group, and two groups of like names.
struct GroupNamesTests {
  private static let uuid = "0ac1e5b2-93d4-4f60-8a7b-1c2d3e4f5a6b"

  private static func decision(
    _ second: Double, _ from: Int, _ to: Int, _ group: String
  ) -> CapacityEvent {
    let kind: CapacityEvent.Kind =
      to > from ? .scaleOutDecided(from: from, to: to) : .scaleInDecided(from: from, to: to)
    return .line(second, kind, group: group, offset: Int(second * 10) + group.utf8.count)
  }

  private static func aliases(_ events: [CapacityEvent]) -> [String] {
    GroupNames(events).aliases.map { "\($0.name) = \($0.group)" }
  }

  @Test(arguments: [
    ("shop/keda-hpa-web", "shop/web"), ("keda-hpa-web", "shop/web"), ("shop/web-hpa", "shop/web"),
    ("shop/hpa-web", "shop/web"), ("eks-workers-\(uuid)", "workers"),
    ("eks-two-words-\(uuid)", "two-words"), ("aks-pool1-31415926-vmss", "pool1"),
    ("gke-shop-pool-1-0a1b2c3d-grp", "pool-1"),
  ])
  func `what a platform makes for a group is the group`(made: String, group: String) {
    let events = [Self.decision(100, 4, 8, made), Self.decision(102, 4, 8, group)]
    #expect(Self.aliases(events) == ["\(made) = \(group)"])
    #expect(Set(GroupNames(events).applied(to: events).map(\.group)) == [group])
    #expect("\(GroupNames(events).told(of: group))".contains("taken for the same group"))
  }

  @Test(arguments: [
    ("a/keda-hpa-web", "b/web"), ("keda-hpa-web", "website"), ("eks-web-\(uuid)", "shop/web"),
    ("eks-web-1234", "web"), ("shop-web", "web"), ("shop/web-2", "shop/web"),
    ("aks-pool1-3141-vmss", "pool1"), ("web-prod", "web"), ("web", "shop/web"),
  ])
  func `like names alone are two groups`(one: String, other: String) {
    #expect(
      Self.aliases([Self.decision(100, 4, 8, one), Self.decision(900, 30, 50, other)]).isEmpty)
  }

  @Test func `sizes that do not follow each other are of two groups`() {
    func alternating(_ sizes: [(left: Int, right: Int)]) -> [CapacityEvent] {
      sizes.enumerated().flatMap { step, size in
        let second = Double(step) * 600
        return [
          Self.decision(second, size.left, size.left + 1, "shop/web-hpa"),
          Self.decision(second + 300, size.right, size.right + 1, "shop/web"),
        ]
      }
    }
    #expect(Self.aliases(alternating([(4, 60), (5, 59), (6, 58), (7, 57)])).isEmpty)
    let one = alternating([(4, 5), (6, 7), (8, 9), (10, 11)])
    #expect(Self.aliases(one) == ["shop/web-hpa = shop/web"])
  }

  @Test func `a name without its namespace is the group whose sizes it follows, and no other`() {
    func told(_ names: [String]) -> [CapacityEvent] {
      (0..<6).flatMap { step in
        names.enumerated().map { place, name in
          Self.decision(Double(step) * 600 + Double(place) * 10, 4 + step, 5 + step, name)
        }
      }
    }
    #expect(Self.aliases(told(["web", "shop/web"])) == ["web = shop/web"])
    #expect(Self.aliases(told(["web", "shop/web", "test/web"])).isEmpty)
  }

  @Test func `what the user configured keeps its name`() {
    let events = [
      Self.decision(100, 4, 8, "shop/keda-hpa-web"), Self.decision(102, 4, 8, "shop/web"),
    ]
    let configured = [ConfiguredGroup(group: "shop/keda-hpa-web", services: ["shop.example.com"])]
    #expect(GroupNames(events, configured: configured).aliases.isEmpty)
  }

  @Test func `one account tells of both names`() {
    var scenario = Planted.atMaximum
    let half = scenario.events.count / 2
    for index in scenario.events.indices {
      scenario.events[index].group = index < half ? "shop/shop-web" : "shop/keda-hpa-shop-web"
    }
    let analysis = scenario.analysis()
    #expect(analysis.capacity.map(\.group) == ["shop/shop-web"])
    #expect(analysis.capacity.first?.otherNames.count == 1)
    #expect(analysis.incidents.first?.cause == .maxSizeReached, "\(analysis.verdicts)")
  }
}

/// Whose a change is.
struct ServicePlacesTests {
  private let places = ServicePlaces([
    ("shop.example.com", ["shop-web"]), ("cart.example.com", ["cart-asg"]),
  ])

  @Test func `a name means the service or the group that it shares its words with`() {
    #expect(places.place(of: "SHOP.example.com") == .services(["shop.example.com"]))
    #expect(places.place(of: "cart-asg") == .services(["cart.example.com"]))
    #expect(places.place(of: "cart") == .services(["cart.example.com"]))
    #expect(places.place(of: "payments") == .elsewhere)
    #expect(places.place(of: nil) == .unknown)
    #expect(places.place(of: "prod-1") == .unknown)
    #expect(ServicePlaces([("default", [])]).place(of: "shop") == .unknown)
  }

  private static func finding(_ group: String?) -> (likelihood: Double, words: String) {
    var scenario = Scenario()
    scenario.broken = (1800, 3600, 0.2)
    scenario.events = [.line(300, .observed(desired: 10, ready: 10, maximum: nil))]
    var other = Scenario()
    other.service = "cart.example.com"
    let change = CapacityEvent.line(1770, .change, group: group)
    let analysis = scenario.analysis(more: [change], others: [other.traffic()])
    let found = analysis.finding(.errorsWithoutLoad)
    return (found?.likelihood?.value ?? 0, "\(found?.supporting.map(\.sentence) ?? [])")
  }

  @Test func `only a change of this service, or of none that it names, was made just before`() {
    let (own, none, other) = (Self.finding("shop"), Self.finding(nil), Self.finding("cart"))
    #expect(own.words.contains("a change was made"))
    #expect(none.words.contains("of which service it does not say"))
    #expect(!other.words.contains("a change was made"))
    #expect(own.likelihood > none.likelihood && none.likelihood > other.likelihood)
    #expect(!Self.finding("payments").words.contains("a change was made"))
  }
}

/// A backend that may be many servers.
struct SingleBackendTests {
  private static func analysis(_ names: [String], _ events: [CapacityEvent] = []) -> Analysis {
    var scenario = Planted.surge()
    scenario.events = events
    scenario.backends = names.map { name in
      ServiceTraffic.Backend(
        name: name, first: Scenario.time(0), last: Scenario.time(7200),
        minutes: (0..<120).map { .init(start: Scenario.start + $0 * 60, count: 300) })
    }
    return scenario.analysis()
  }

  @Test func `one single address is no fleet of one`() {
    let one = Self.analysis(["192.0.2.1:80"])
    #expect(one.capacity.isEmpty)
    #expect(one.series.first?.ready.allSatisfy { $0 == nil } == true)
    #expect(one.series.first?.needed.allSatisfy { $0 == nil } == true)
    #expect(one.openQuestions.contains { "\($0.text)".contains("one backend") })
    #expect(Self.analysis(["192.0.2.1:80", "192.0.2.2:80"]).capacity.count == 1)
  }

  @Test func `an address that the capacity log knows is an instance`() {
    let known = Self.analysis(
      ["192.0.2.1:80"], [.line(100, .inService, instance: "192.0.2.1")])
    #expect(known.series.first?.serving.contains(1) == true)
  }
}
