import IncidentModel
import Testing

@testable import TrafficTally

/// When rejected lines came: by the nearest accepted line in front of each (METHODS §1).
struct RejectTests {
  /// A line of a member: a request at a second, or one that was rejected for a reason.
  enum Line {
    case request(second: Int64)
    case rejected(String)
  }

  private static let start: Int64 = 1_700_000_040

  private static func tally(
    _ lines: [Line], input: Int = 0, every: Int = .max, into whole: inout Tally
  ) {
    var member = MemberTally(input: input, contentSeed: 3, options: whole.options)
    for (index, line) in lines.enumerated() {
      switch line {
      case .request(let second):
        var request = Request()
        request.arrival = (start + second) * 1_000_000
        member.add(
          request.record, line: request.line.span, scratch: [UInt8]().span, number: index + 1,
          offset: index * 10)
      case .rejected(let reason):
        member.reject(
          RejectedLine(
            position: LogPosition(input: input, line: index + 1, offset: index * 10),
            reason: reason, column: 0, excerpt: LogText("?", kind: .line)))
      }
      if (index + 1) % every == 0 { member.merge(into: &whole) }
    }
    member.merge(into: &whole)
  }

  private func counts(_ summary: RejectSummary?) -> [[Int64]] {
    (summary?.stretches ?? []).map { [$0.start.seconds - Self.start, Int64($0.count)] }
  }

  @Test(arguments: [1, 2, 3, .max])
  func `a rejected line counts in the minute of the accepted line in front of it`(every: Int) {
    var whole = Tally(options: TallyOptions())
    let lines: [Line] = [
      .rejected("cut"), .rejected("no time"), .request(second: 5), .rejected("cut"),
      .request(second: 59), .request(second: 60), .rejected("cut"), .rejected("cut"),
      // A stamp that goes back takes the lines behind it along.
      .request(second: 50), .rejected("no time"), .request(second: 600), .rejected("cut"),
    ]
    Self.tally(lines, every: every, into: &whole)
    let view = whole.view()
    let cut = view.rejected.first { $0.reason == "cut" }
    #expect(counts(cut) == [[0, 2], [60, 2], [600, 1]])
    #expect(counts(view.rejected.first { $0.reason == "no time" }) == [[0, 2]])
    #expect(cut?.count == 5)
    #expect(cut?.first.line == 1)
    #expect(cut?.last.line == 12)
    #expect(cut?.widthSeconds == 60)
  }

  @Test func `a member without an accepted line has rejected lines and no minutes`() {
    var whole = Tally(options: TallyOptions())
    Self.tally([.rejected("cut"), .rejected("cut")], into: &whole)
    let view = whole.view()
    #expect(view.rejected.map(\.count) == [2])
    #expect(view.rejected.first?.stretches == [])
  }

  @Test func `an event with a date places rejected lines too`() {
    var whole = Tally(options: TallyOptions())
    var member = MemberTally(input: 0, contentSeed: 3, options: whole.options)
    var event = CapacityEvent(
      time: Instant(seconds: Self.start + 70), kind: .note,
      position: LogPosition(input: 0, line: 1, offset: 0), text: LogText("x", kind: .note))
    member.add(event)
    event.lacksDate = true
    event.time = Instant(seconds: 5)
    event.position = LogPosition(input: 0, line: 2, offset: 10)
    member.add(event)
    member.reject(
      RejectedLine(
        position: LogPosition(input: 0, line: 3, offset: 20), reason: "cut", column: 0,
        excerpt: LogText("?", kind: .line)))
    member.merge(into: &whole)
    #expect(counts(whole.view().rejected.first) == [[60, 1]])
  }

  /// Members of two hours in which every seventh line is rejected, for one of three reasons.
  private static func members(_ seed: UInt64) -> [[Line]] {
    var numbers = SeededNumbers(seed)
    return (0..<5).map { _ in
      (0..<400).map { index in
        Int.random(in: 0..<7, using: &numbers) == 0
          ? .rejected(["cut", "no time", "no status"].randomElement(using: &numbers) ?? "")
          : .request(second: Int64(index * 18))
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `any order and grouping of members gives the same minutes`(seed: UInt64) {
    let members = Self.members(seed)
    var budgets = TallyBudgets()
    // 5 members, 3 reasons and 120 minutes have over a thousand entries: they widen.
    budgets.rejectMinutes = 60
    let options = TallyOptions(budgets: budgets)
    var expected = Tally(options: options)
    for (input, lines) in members.enumerated() { Self.tally(lines, input: input, into: &expected) }
    let wanted = expected.view()
    let all = members.joined().count { if case .rejected = $0 { true } else { false } }
    #expect(wanted.rejected.reduce(0) { $0 + $1.count } == all)
    #expect(wanted.rejected.flatMap(\.stretches).reduce(0) { $0 + $1.count } == all)
    #expect((wanted.rejected.first?.widthSeconds ?? 0) > 60)
    var numbers = SeededNumbers(seed &+ 77)
    for round in 0..<6 {
      let every = Int.random(in: 1...90, using: &numbers)
      var whole = Tally(options: options)
      for input in members.indices.shuffled(using: &numbers) {
        if round % 2 == 0 {
          Self.tally(members[input], input: input, every: every, into: &whole)
        } else {
          var part = Tally(options: options)
          Self.tally(members[input], input: input, every: every, into: &part)
          whole.merge(part)
        }
      }
      #expect(whole.view() == wanted, "SeededNumbers(\(seed &+ 77)), round \(round)")
    }
  }

  @Test func `a line whose fact is told late is counted once`() {
    var whole = Tally(options: TallyOptions())
    var member = MemberTally(input: 0, contentSeed: 3, options: whole.options)
    func note(_ line: Int) -> CapacityEvent {
      CapacityEvent(
        time: Instant(seconds: Self.start), kind: .note,
        position: LogPosition(input: 0, line: line, offset: line * 10),
        text: LogText("\(line)", kind: .note))
    }
    // Each note is told when the next one begins.
    member.pass(number: 1, offset: 10)
    member.add(note(1))
    member.pass(number: 2, offset: 20)
    member.merge(into: &whole)
    member.add(note(2))
    member.pass(number: 3, offset: 30)
    member.add(note(3))
    member.merge(into: &whole)
    let row = whole.view().inputs.first
    #expect(row?.lines == 3)
    #expect(row?.records == 3)
    #expect(row?.passed == 0)
  }
}
