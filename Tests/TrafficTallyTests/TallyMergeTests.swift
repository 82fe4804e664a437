import IncidentModel
import Testing

@testable import TrafficTally

/// Whatever the pieces and their order, a tally ends the same (METHODS §1).
struct TallyMergeTests {
  /// Feeds the pieces between the cuts in a given order, each to a tally of its own that is then merged into the whole.
  private func view(
    _ member: Member, pieces: [Range<Int>], options: TallyOptions, viaTallies: Bool
  ) -> TrafficView {
    var whole = Tally(options: options)
    for piece in pieces {
      if viaTallies {
        var part = Tally(options: options)
        member.tally(piece, into: &part)
        whole.merge(part)
      } else {
        member.tally(piece, into: &whole)
      }
    }
    return whole.view()
  }

  @Test(arguments: [false, true])
  func `every split of a few requests gives the same view`(viaTallies: Bool) {
    let requests = mixedRequests(6, seed: 11, spanSeconds: 3)
    let member = Member(requests: requests)
    var budgets = TallyBudgets()
    budgets.sampleSize = 2
    budgets.sampleTexts = 1
    let options = TallyOptions(budgets: budgets)
    let expected = view(member, pieces: [0..<6], options: options, viaTallies: false)
    #expect(expected.services.map(\.totals.requests).reduce(0, +) == 6)
    for cuts in 0..<32 {
      var pieces: [Range<Int>] = []
      var start = 0
      for index in 0..<6 where index == 5 || cuts & (1 << index) != 0 {
        pieces.append(start..<index + 1)
        start = index + 1
      }
      let forward = view(member, pieces: pieces, options: options, viaTallies: viaTallies)
      #expect(forward == expected, "cuts \(cuts)")
      let backward = view(
        member, pieces: pieces.reversed(), options: options, viaTallies: viaTallies)
      #expect(backward == expected, "cuts \(cuts), reversed")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `random splits and orders give the same view under tight budgets`(seed: UInt64) {
    let member = Member(requests: mixedRequests(600, seed: seed, spanSeconds: 400_000))
    let options = TallyOptions(budgets: tightBudgets())
    let expected = view(member, pieces: [0..<600], options: options, viaTallies: false)
    #expect(expected.bucketSeconds > 60)
    #expect((expected.services.first?.sample.first?.widthSeconds ?? 0) > 60)
    #expect((expected.services.first?.latency.first?.widthSeconds ?? 0) > 60)
    #expect((expected.services.first?.backendMinuteSeconds ?? 0) > 60)
    #expect(expected.inputMinuteSeconds > 60)
    var numbers = SeededNumbers(seed &+ 99)
    for round in 0..<4 {
      var cuts = Set(
        (0..<Int.random(in: 1...30, using: &numbers)).map { _ in
          Int.random(in: 1..<600, using: &numbers)
        }
      ).sorted()
      cuts.append(600)
      var start = 0
      var pieces: [Range<Int>] = []
      for cut in cuts {
        pieces.append(start..<cut)
        start = cut
      }
      pieces.shuffle(using: &numbers)
      let got = view(member, pieces: pieces, options: options, viaTallies: round % 2 == 0)
      #expect(got == expected, "SeededNumbers(\(seed &+ 99)), round \(round)")
    }
  }

  @Test(arguments: [1, 3, 50])
  func `handing over often changes nothing`(every: Int) {
    let member = Member(requests: mixedRequests(300, seed: 5))
    var whole = Tally(options: TallyOptions())
    member.tally(every: every, into: &whole)
    #expect(whole.view() == tallied([member]))
  }

  @Test func `members in any order give the same view`() {
    let members = (0..<5).map { input in
      Member(
        input: input, seed: UInt64(input) * 3, requests: mixedRequests(80, seed: UInt64(input)))
    }
    let options = TallyOptions(budgets: tightBudgets())
    let expected = tallied(members, options)
    #expect(tallied(members.reversed(), options) == expected)
    #expect(tallied([3, 1, 4, 0, 2].map { members[$0] }, options) == expected)
  }

  @Test func `content that is read under two numbers keeps the same lines in any order`() {
    let requests = mixedRequests(60, seed: 3, spanSeconds: 60)
    let twins = [Member(input: 0, requests: requests), Member(input: 1, requests: requests)]
    let options = TallyOptions(budgets: tightBudgets())
    #expect(tallied(twins, options) == tallied(twins.reversed(), options))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as [UInt64])
  func `long texts narrow the sample, whatever the order`(seed: UInt64) {
    // Weights of 99 and of 244 bytes against room for 192 each.
    var requests = mixedRequests(200, seed: seed, spanSeconds: 60)
    var numbers = SeededNumbers(seed &+ 40)
    for index in requests.indices {
      let isLong = Int.random(in: 0..<5, using: &numbers) > 0
      let text = String(repeating: "q", count: isLong ? 200 : 0)
      requests[index].service = ""
      requests[index].target = "/" + text
      requests[index].referrer = text
      requests[index].client = text
      requests[index].backend = text
    }
    var budgets = TallyBudgets()
    budgets.sampleSize = 8
    let options = TallyOptions(budgets: budgets)
    let member = Member(requests: requests)
    let expected = view(member, pieces: [0..<200], options: options, viaTallies: false)
    #expect(expected.services[0].sample.contains { $0.requests.count < 8 && $0.count > 8 })
    for size in [1, 2, 7, 30] {
      var pieces: [Range<Int>] = []
      for start in stride(from: 0, to: 200, by: size) {
        pieces.append(start..<min(200, start + size))
      }
      pieces.shuffle(using: &numbers)
      let got = view(member, pieces: pieces, options: options, viaTallies: true)
      #expect(got == expected, "SeededNumbers(\(seed &+ 40)), pieces of \(size)")
    }
  }

  @Test func `a full stratum counts with all it may hold against the budget`() {
    var whole = Tally(options: TallyOptions())
    Member(requests: (0..<2000).map { Request(mark: $0) }).tally(into: &whole)
    #expect(whole.sums.sample.measure == SampleLimits.stratum + 256 * 192 + 8 * 1024)
    let kept = whole.sums.sample.strata[0]
    #expect(kept.entries.map { Int($0.weight) }.reduce(0, +) <= 256 * 192)
  }

  /// What a part left out for want of room bounds the whole, though the part's own run would leave room there.
  @Test func `a light request does not slip in behind a heavy one that was left out`() {
    func entry(_ hash: UInt64, _ weight: UInt16) -> SampleEntry {
      SampleEntry(
        hash: hash, digest: 0, arrival: 0, duration: -1, agentSignature: 0, offset: Int(hash),
        line: 1, input: 0, status: 200, weight: weight)
    }
    var budgets = TallyBudgets()
    budgets.sampleSize = 2
    budgets.sampleTexts = 0
    let services = ServiceTable()
    let parts = [[entry(1, 200), entry(2, 200)], [entry(3, 100)], [entry(4, 250)]].map { entries in
      var part = SampleStore(budgets)
      let slot = part.slot(SeriesStore.key(0, 0))
      part.merge(entries, [], bound: nil, into: slot) { _ in }
      return part
    }
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      var whole = SampleStore(budgets)
      for part in order { whole.merge(parts[part], [0], services) { _ in } }
      #expect(whole.strata[0].entries.map(\.hash) == [1], "\(order)")
    }
  }
}
