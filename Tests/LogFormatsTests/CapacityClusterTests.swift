import IncidentModel
import Testing

@testable import LogFormats

struct CapacityClusterTests {
  private func line(_ message: String, _ stamp: String = "I0716 18:02:30.975037") -> String {
    "\(stamp)       1 orchestrator.go:529] \(message)"
  }

  private func read(_ messages: String...) -> CapacityReading {
    CapacityReading(ClusterAutoscaler.self, messages.map { line($0) })
  }

  @Test(arguments: [
    (
      "Can only add 3 nodes due to node group limits, need 11 nodes",
      CapacityEvent.Kind.limitReached(limit: 3, wanted: 11), 8
    ),
    ("Capping size to max cluster total size (40)", .limitReached(limit: 40, wanted: nil), 1),
    (
      "Only 2 nodes can be added to g due to resource quotas",
      .limitReached(limit: 2, wanted: nil), 1
    ),
    (
      "Capping scale-up of g from 9 to 4 nodes due to quota",
      .limitReached(limit: 4, wanted: 9), 5
    ),
    ("Skipping node group g - max size reached", .limitReached(limit: nil, wanted: nil), 1),
    ("Max total nodes in cluster reached: 40", .limitReached(limit: 40, wanted: nil), 1),
    ("Node group g is not ready for scaleup - backoff", .notTriggered(.backoff), 1),
    (
      "Node group g is not ready for scaleup - backoff with status: {IsBackedOff:true}",
      .notTriggered(.backoff), 1
    ),
    ("Node group g is not ready for scaleup - unhealthy", .notTriggered(.unhealthy), 1),
    ("Cluster is not ready for autoscaling", .notTriggered(.unhealthy), 1),
    ("Scale-up timed out for node group g after 15m3s", .launchFailed(.timeout), 1),
    (
      "Reverting timed-out scale-up for node group g by decreasing target size by 3",
      .scaleInDecided(from: nil, to: nil), 3
    ),
    (
      "Failed adding 5 nodes (3 unseen previously) to group g due to OutOfResource."
        + "QUOTA_EXCEEDED; errorMessages=[\"x\"]", .launchFailed(.quota), 3
    ),
    (
      "Failed adding 5 nodes (5 unseen previously) to group g due to OutOfResource."
        + "placeholder-cannot-be-fulfilled; errorMessages=", .launchFailed(.insufficientCapacity), 5
    ),
    (
      "Failed adding 1 nodes (1 unseen previously) to group g due to Other.OTHER; "
        + "errorMessages=ZONE_RESOURCE_POOL_EXHAUSTED", .launchFailed(.insufficientCapacity), 1
    ),
    (
      "Found 4 instances with errorCode OutOfResource.IP_SPACE_EXHAUSTED in nodeGroup g",
      .launchFailed(.addressSpace), 4
    ),
    ("Decreasing size of g, expected=12 current=9 delta=-3", .scaleInDecided(from: 12, to: 9), 3),
    ("Removing unregistered node i-0a", .launchFailed(.timeout), 1),
    ("Removing 3 unregistered nodes for node group g", .launchFailed(.timeout), 3),
    ("Failed to scale up: RESOURCE_POOL_EXHAUSTED", .launchFailed(.insufficientCapacity), 1),
    ("Failed to refresh cloud provider config: denied", .note, 1),
    ("Scale-up: setting group g size to 5", .scaleOutDecided(from: nil, to: 5), 1),
    ("Scale-up: setting group g size to 5 instead of 3 (max: 8)", .launchStarted, 2),
  ])
  func tells(message: String, kind: CapacityEvent.Kind, count: Int) {
    let reading = read(message)
    #expect(reading.kinds == [kind])
    #expect(reading.events.first?.count == count)
    #expect(reading.events.first?.lacksYear == true)
    #expect(isUnmistakable(ClusterAutoscaler.self, line(message)))
  }

  @Test(arguments: [
    "Pod shop/web-1 is unschedulable", "12 other pods are also unschedulable",
    "No unschedulable pods", "Best option to resize: g",
    "Estimated 3 nodes needed in g", "Splitting scale-up between 2 similar node groups: {a, b}",
    "n-1 is unneeded since 2018-07-16 18:00:00 +0000 UTC duration 10s", "Starting main loop",
    "Cluster Autoscaler 1.28.0",
  ])
  func `an own message without a fact is passed over`(message: String) {
    #expect(read(message).ignored == 1)
    #expect(isUnmistakable(ClusterAutoscaler.self, line(message)))
  }

  @Test func `a line of another component is passed over and no sign of the format`() {
    #expect(read("Successfully assigned shop/web-1 to n-1").ignored == 1)
    #expect(!isUnmistakable(ClusterAutoscaler.self, line("Successfully assigned shop/web-1")))
    #expect(!isUnmistakable(ClusterAutoscaler.self, "something else"))
  }

  @Test func `a plan names every group with its maximum, and the size set after it starts nodes`() {
    let reading = read(
      "Final scale-up plan: [{pool-a 3->5 (max: 8)} {https://example.com/pool-b 0->1 (max: 1)}]",
      "Scale-up: setting group pool-a size to 5", "Scale-up: setting group pool-a size to 5")
    #expect(
      reading.kinds == [
        .scaleOutDecided(from: 3, to: 5), .observed(desired: nil, ready: nil, maximum: 8),
        .scaleOutDecided(from: 0, to: 1), .observed(desired: nil, ready: nil, maximum: 1),
        .launchStarted,
      ])
    #expect(reading.events[2].group == "https://example.com/pool-b")
    #expect(reading.events[4].count == 2)
    #expect(reading.ignored == 1)
  }

  @Test func `a limit without a group is that of the group spoken of`() {
    let reading = read(
      "Estimated 11 nodes needed in pool-a",
      "Can only add 3 nodes due to node group limits, need 11 nodes")
    #expect(reading.events.first?.group == "pool-a")
  }

  @Test func `clearing up after a told failure is no second failure`() {
    let deleting = "Deleting 3 from pool-a node group because of create errors"
    let failed =
      "Failed adding 3 nodes (3 unseen previously) to group pool-a due to Other.OTHER; "
      + "errorMessages="
    #expect(read(failed, deleting).events.count == 1)
    #expect(read(deleting).events.count == 1)
    #expect(read(failed.replacing("(3 unseen", with: "(0 unseen")).ignored == 1)
  }

  @Test func `the start and the end of a node's removal have equal keys`() {
    let reading = read(
      #"Scale-down: removing empty node "n-1""#, "Scale-down: node n-1 removed with drain",
      "Scale-down: removing node n-2, utilization: {0.1}, pods to reschedule: a")
    #expect(reading.events.count == 6)
    #expect(Set(reading.events.map(\.key)).count == 4)
    #expect(reading.kinds[1] == .terminated(.scaleIn))
    #expect(reading.events[5].instance == "n-2")
  }

  @Test func `the end of a backoff carries the year, which holds from there`() {
    let reading = CapacityReading(
      ClusterAutoscaler.self,
      [
        line("Max total nodes in cluster reached: 4", "I1231 23:50:00.000000"),
        line(
          "Disabling scale-up for node group g until 2019-01-01 00:01:11.123456789 +0000 UTC "
            + "m=+1234.5; errorClass=OutOfResource; errorCode=QUOTA_EXCEEDED",
          "W1231 23:56:11.000000"),
        line("Max total nodes in cluster reached: 4", "I0101 00:02:00.000000"),
      ])
    #expect(reading.events.map(\.lacksYear) == [true, false, false])
    #expect(reading.events[0].time == moment("1972-12-31T23:50:00Z") || reading.events[0].lacksYear)
    #expect(CivilTime(reading.events[0].time).year == 1972)
    #expect(reading.events[1].time == moment("2018-12-31T23:56:11Z"))
    #expect(reading.kinds[1] == .backoff(until: moment("2019-01-01T00:01:11.123456Z")))
    #expect(reading.events[2].time == moment("2019-01-01T00:02:00Z"))
  }

  @Test func `the file's own head and the context's date give the year`() {
    let head = ["Log file created at: 2019/07/18 10:00:00", "Running on machine: host.example.com"]
    let event = line("Max total nodes in cluster reached: 4", "I0718 10:00:01.000000")
    let reading = CapacityReading(ClusterAutoscaler.self, head + [event])
    #expect(reading.events.first?.time == moment("2019-07-18T10:00:01Z"))
    #expect(reading.ignored == 2 && reading.reasons.isEmpty)
    let dated = CapacityReading(
      ClusterAutoscaler.self, [event], date: moment("2018-07-18T00:00:00Z"))
    #expect(dated.events.first?.time == moment("2018-07-18T10:00:01Z"))
  }

  @Test(arguments: ["1531764150123.456", "1531764150.123456"])
  func `the JSON form reads its stamp by magnitude`(stamp: String) {
    let text =
      #"{"ts":\#(stamp),"caller":"a.go:1","msg":"Max total nodes in cluster reached: 4","v":1}"#
    let reading = CapacityReading(ClusterAutoscaler.self, [text])
    #expect(reading.events.first?.time == Instant(microseconds: 1_531_764_150_123_456))
    #expect(reading.events.first?.lacksYear == false)
    #expect(isUnmistakable(ClusterAutoscaler.self, text))
  }

  @Test(arguments: [
    ("X0716 18:02:30.975037 1 a.go:1] x", 0), ("I1316 18:02:30.975037 1 a.go:1] x", 1),
    ("I0716 18:02:30.975037 a.go:1] x", 22), ("I0716 18:02:30.975037 1 x", 24), ("I0716", 5),
  ])
  func `a broken header is refused at its byte`(text: String, column: Int) {
    let reading = CapacityReading(ClusterAutoscaler.self, [text])
    #expect(reading.reasons.first?.hasSuffix("@\(column)") == true, "\(reading.reasons)")
  }

  @Test func `the lines of a printed value follow their line`() {
    let reading = CapacityReading(
      ClusterAutoscaler.self, [line("Starting main loop"), "  Name: n-1,", "}"])
    #expect(reading.ignored == 3)
  }

  @Test func `a node's removal is told once, and a later one of that name again`() {
    let reading = CapacityReading(
      ClusterAutoscaler.self,
      [
        line("Scale-down: removing node node-1, utilization: {0.1}, pods to reschedule: a"),
        line("Scale-down: node node-1 removed with drain", "I0716 18:12:30.975037"),
        line("Scale-down: removing empty node \"node-1\"", "I0717 18:02:30.975037"),
      ])
    #expect(Set(reading.events.map(\.key)).count == 4)
  }
}

/// The table that `kubectl get events` prints, with the moment at which it was printed.
struct EventTableTests {
  private let heading =
    "NAMESPACE   LAST SEEN          TYPE      REASON              OBJECT         MESSAGE"
  private let row =
    "shop        5m12s              Warning   FailedCreate        rs/web-7d9f8   Error creating: exceeded quota: compute"
  private let repeated =
    "shop        3m (x12 over 1h)   Warning   FailedCreate        rs/cart-5f6b7  Error creating: exceeded quota: compute"

  private func read(_ lines: String...) -> CapacityReading {
    CapacityReading(KubernetesEvents.self, lines)
  }

  @Test(arguments: [
    "Mon Jul 16 18:30:00 UTC 2018", "Mon Jul 16 06:30:00 PM UTC 2018",
    "Mon, 16 Jul 2018 20:30:00 +0200", "2018-07-16T18:30:00Z",
    "2018-07-16T20:30:00+02:00", "Mon Jul 16 20:30:00 CEST 2018",
  ])
  func `ages count from the moment in front of the table`(moment: String) throws {
    let reading = read(moment, heading, row, repeated)
    #expect(reading.reasons.isEmpty)
    let events = reading.events.sorted { $0.time < $1.time }
    let times = events.map { CivilTime($0.time) }
    #expect(times.map(\.hour) == [17, 18, 18])
    #expect(times.map(\.minute) == [30, 24, 27])
    #expect(times.map(\.second) == [0, 48, 0])
    #expect(events.map(\.precisionSeconds) == [3_600, 1, 60])
    #expect(events.map(\.count) == [1, 1, 11])
    #expect(events.allSatisfy { !$0.lacksDate })
  }

  @Test(arguments: [
    "2018-07-16T18:30:00", "Mon Jul 16 18:30:00 XYZ 2018", "Mon Jul 32 18:30:00 UTC 2018",
    "Mon Jul 16 18:30 UTC 2018", "it was Monday then, 18:30:00 UTC",
  ])
  func `a line that tells no moment is none`(line: String) {
    #expect(EventAge.printedMoment(Array(line.utf8).span) == nil)
    #expect(read(line, heading, row).events.allSatisfy { $0.kind == .note && $0.lacksDate })
  }

  @Test func `the same table printed again tells nothing new`() {
    let later = row.replacing("5m12s", with: "6m12s")
    let reading = read(
      "2018-07-16T18:30:00Z", heading, row, "2018-07-16T18:31:00Z", heading, later)
    #expect(reading.events.count == 2)
    #expect(Set(reading.events.map(\.key)).count == 1)
  }
}
