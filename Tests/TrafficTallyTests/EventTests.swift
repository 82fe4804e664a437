import IncidentModel
import Testing

@testable import TrafficTally

struct EventTests {
  private func event(
    _ seconds: Int64, _ kind: CapacityEvent.Kind, key: String?, input: Int = 0, offset: Int = 0
  ) -> CapacityEvent {
    CapacityEvent(
      time: Instant(seconds: seconds), kind: kind,
      position: LogPosition(input: input, line: 1, offset: offset),
      text: LogText("line \(seconds) \(offset)", kind: .line), key: key)
  }

  private func view(_ events: [CapacityEvent], _ budgets: TallyBudgets = TallyBudgets())
    -> TrafficView
  {
    let options = TallyOptions(budgets: budgets)
    var whole = Tally(options: options)
    for event in events {
      var member = MemberTally(input: event.position.input, contentSeed: 1, options: options)
      member.add(event)
      member.merge(into: &whole)
    }
    return whole.view()
  }

  @Test func `a fact told twice is kept once, the earliest, in any order`() {
    let events = [
      event(20, .inService, key: "i-1", input: 1), event(20, .inService, key: "i-1", input: 0),
      event(25, .inService, key: "i-1", input: 0), event(20, .launchStarted, key: "i-1", input: 1),
    ]
    let forward = view(events)
    #expect(forward.events == [events[1], events[3]])
    #expect(forward.eventsSeen == 4)
    #expect(view(events.reversed()).events == forward.events)
  }

  @Test func `events without a key are never duplicates`() {
    let same = event(3, .note, key: nil)
    #expect(view([same, event(3, .note, key: nil, offset: 9)]).events.count == 2)
  }

  @Test func `two events of one line are both kept`() {
    var whole = Tally(options: TallyOptions())
    var member = MemberTally(input: 0, contentSeed: 1, options: whole.options)
    member.add(event(3, .inService, key: nil))
    member.add(event(3, .inService, key: nil))
    member.merge(into: &whole)
    let view = whole.view()
    #expect(view.events.count == 2)
    #expect(view.inputs[0].lines == 1)
    #expect(view.inputs[0].records == 1)
  }

  @Test func `beyond the budget people's lines stay and the cut is told`() {
    var budgets = TallyBudgets()
    budgets.events = 20
    var events = (0..<100).map { event(Int64($0), .inService, key: "i-\($0)", offset: $0) }
    events += (0..<10).map { event(Int64($0), .note, key: nil, offset: 1000 + $0) }
    let forward = view(events, budgets)
    #expect(forward.events.count == 20)
    #expect(forward.eventsAreCut)
    #expect(forward.eventsSeen == 110)
    #expect(forward.events.filter { $0.kind == .note }.count == 10)
    var numbers = SeededNumbers(17)
    for _ in 0..<5 {
      #expect(view(events.shuffled(using: &numbers), budgets).events == forward.events)
    }
    budgets.events = 110
    #expect(!view(events, budgets).eventsAreCut)
  }

  @Test func `rejected and passed lines stand in the manifest`() {
    var whole = Tally(options: TallyOptions())
    var summary = InputSummary(name: InputName(file: "web.log"))
    summary.format = "combined"
    whole.describe(input: 0, summary)
    var member = MemberTally(input: 0, contentSeed: 1, options: whole.options)
    for (line, reason) in [(4, "no bracket"), (9, "no quote"), (12, "no bracket")] {
      member.reject(
        RejectedLine(
          position: LogPosition(input: 0, line: line, offset: line * 10), reason: reason,
          column: 0, excerpt: LogText("?", kind: .line)))
    }
    member.pass(number: 1, offset: 0)
    let request = Request()
    member.add(
      request.record, line: request.line.span, scratch: [UInt8]().span, number: 2, offset: 5)
    member.merge(into: &whole)
    let view = whole.view()
    #expect(view.inputs[0].lines == 5)
    #expect(view.inputs[0].rejected == 3)
    #expect(view.inputs[0].passed == 1)
    #expect(view.inputs[0].records == 1)
    #expect(view.inputs[0].first == Instant(seconds: 1_700_000_000))
    #expect(view.rejected.map(\.reason) == ["no bracket", "no quote"])
    #expect(view.rejected.map(\.count) == [2, 1])
    #expect(view.rejected[0].format == "combined")
    #expect(view.rejected[0].first.line == 4)
    #expect(view.inputMinutes[0].minutes.map(\.count) == [1])
  }
}
