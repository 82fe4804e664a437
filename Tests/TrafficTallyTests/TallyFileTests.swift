import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import TrafficTally

/// What is written of a tally and read back is the same tally, and what was changed since is refused or harmless.
struct TallyFileTests {
  private typealias Sections = [TallyFormat.Section: [UInt8]]

  private static let settings = [TallySetting(name: "--service-by", value: "")]

  private static func sections(of tally: Tally) -> Sections {
    let file = TallySections(tally, settings: settings)
    return Dictionary(
      uniqueKeysWithValues: TallyFormat.Section.allCases.map { ($0, file.bytes(of: $0)) })
  }

  /// Adds a file's sections to a tally; `inputs` tells the numbers there of the file's inputs.
  private static func add(
    _ sections: Sections, to whole: inout Tally, inputs numbers: [Int]? = nil
  ) throws {
    _ = try TallyIntake.settings(sections[.settings] ?? [], at: 0)
    let inputs = try TallyIntake.inputs(sections[.inputs] ?? [], at: 0)
    var intake = TallyIntake(
      inputs, numbers: numbers ?? Array(inputs.indices), options: whole.options)
    for section in TallyFormat.Section.allCases.dropFirst() {
      try intake.take(section, sections[section] ?? [], at: 0, into: &whole)
    }
    intake.finish(in: &whole)
  }

  private static func read(_ sections: Sections, _ options: TallyOptions) throws -> Tally {
    var whole = Tally(options: options)
    try add(sections, to: &whole)
    return whole
  }

  /// Members in which every structure has something to keep: clients with more requests than stay, events of all kinds, rejected lines.
  private static func whole(
    _ options: TallyOptions, seed: UInt64 = 9, inputs: [Int] = [0, 1, 2]
  ) -> Tally {
    var whole = Tally(options: options)
    for input in inputs {
      var requests = mixedRequests(120, seed: seed + UInt64(input), spanSeconds: 40_000)
      for index in 0..<1_200 {
        var request = Request(mark: index)
        request.arrival += Int64(index * 13 + input) * 1_000_000
        request.status = index % 9 == 0 ? 503 : 200
        request.client = input == 0 ? "203.0.113.9" : "2001:db8::9"
        requests.append(request)
      }
      Member(input: input, seed: UInt64(input) + 3, requests: requests).tally(into: &whole)
      var summary = InputSummary(name: InputName(file: "web-\(input).log", member: "part!\(input)"))
      summary.kind = .access
      summary.format = "combined"
      summary.sha256 = String(repeating: "0f", count: 32)
      summary.problems = [
        InputProblem(
          kind: .duplicate,
          detail: "its \(count: 3) bytes are in \(log: LogText("x", kind: .file))",
          line: 7)
      ]
      whole.describe(input: input, summary)
      whole.note(
        MemberBeginning(digest: [UInt8](repeating: 1, count: 32), length: 9, marks: [4]), of: input)
    }
    if inputs.contains(0) { addEvents(to: &whole) }
    return whole
  }

  private static func addEvents(to whole: inout Tally) {
    var member = MemberTally(input: 0, contentSeed: 5, options: whole.options)
    for (index, kind) in kinds.enumerated() {
      let position = LogPosition(input: 0, line: index + 1, offset: index * 50)
      member.add(
        CapacityEvent(
          time: Instant(seconds: 1_700_000_000 + Int64(index)), kind: kind, position: position,
          text: LogText("event \(index)", kind: .line), group: "web",
          zone: index % 2 == 0 ? "a" : nil,
          instance: "i-\(index)", count: 2, key: index % 3 == 0 ? "key \(index)" : nil))
    }
    for index in 0..<5 {
      let position = LogPosition(input: 0, line: 90 + index, offset: 9_000 + index)
      member.reject(
        RejectedLine(
          position: position, reason: "the time is missing", column: 0,
          excerpt: LogText("x", kind: .line)))
    }
    member.merge(into: &whole)
  }

  private static let reasons: [CapacityEvent.Reason] = [
    .insufficientCapacity, .quota, .addressSpace, .maxSize, .badTemplate, .backoff, .timeout,
    .unhealthy, .scaleIn, .spotReclaimed, .metricMissing, .stabilisation,
    .unknown(LogText("a reason", kind: .message)),
  ]

  private static let kinds: [CapacityEvent.Kind] =
    [
      .scaleOutDecided(from: 2, to: nil), .scaleInDecided(from: nil, to: 3), .launchStarted,
      .inService, .limitReached(limit: 15, wanted: nil), .backoff(until: nil),
      .backoff(until: Instant(seconds: 9)), .configChanged(minimum: 1, maximum: 2, desired: nil),
      .observed(desired: 4, ready: nil, maximum: 5), .note, .change, .alert,
    ] + reasons.map { .launchFailed($0) } + reasons.map { .terminated($0) }
    + reasons.map { .notTriggered($0) }

  private static func options(isTight: Bool) -> TallyOptions {
    TallyOptions(budgets: isTight ? tightBudgets() : TallyBudgets())
  }

  @Test(arguments: [false, true])
  func `a tally that was read back gives the same view`(isTight: Bool) throws {
    let options = Self.options(isTight: isTight)
    let whole = Self.whole(options)
    let got = try Self.read(Self.sections(of: whole), options)
    let (want, view) = (whole.view(), got.view())
    #expect(isTight || want.trails.clients.contains { $0.cut != nil })
    #expect(want.events.count > (isTight ? 1 : 30))
    #expect(view == want)
    #expect(got.beginnings == whole.beginnings)
  }

  @Test(arguments: [false, true])
  func `what was read back is written with the same bytes`(isTight: Bool) throws {
    let options = Self.options(isTight: isTight)
    let sections = Self.sections(of: Self.whole(options))
    let again = Self.sections(of: try Self.read(sections, options))
    for section in TallyFormat.Section.allCases {
      #expect(again[section] == sections[section], "\(section)")
    }
  }

  @Test(arguments: [false, true])
  func `the order of reading changes no byte`(isTight: Bool) {
    let options = Self.options(isTight: isTight)
    let sections = Self.sections(of: Self.whole(options))
    for order in [[2, 1, 0], [1, 2, 0], [0, 2, 1]] {
      let other = Self.sections(of: Self.whole(options, inputs: order))
      for section in TallyFormat.Section.allCases {
        #expect(other[section] == sections[section], "\(section), \(order)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `tallies of parts merge to the tally of the whole`(isTight: Bool) throws {
    let options = Self.options(isTight: isTight)
    let want = Self.sections(of: Self.whole(options))
    let parts = [[0], [1], [2]].map { Self.sections(of: Self.whole(options, inputs: $0)) }
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
      var merged = Tally(options: options)
      for part in order { try Self.add(parts[part], to: &merged, inputs: [part]) }
      let got = Self.sections(of: merged)
      for section in TallyFormat.Section.allCases {
        #expect(got[section] == want[section], "\(section), \(order)")
      }
      // In two steps, by way of a file of the first two.
      var pair = Tally(options: options)
      for part in order.prefix(2).sorted() { try Self.add(parts[part], to: &pair, inputs: [part]) }
      var steps = Tally(options: options)
      try Self.add(
        Self.sections(of: pair), to: &steps, inputs: order.prefix(2).sorted())
      try Self.add(parts[order[2]], to: &steps, inputs: [order[2]])
      #expect(Self.sections(of: steps) == want, "\(order), in two steps")
    }
  }

  @Test(arguments: TallyFormat.Section.allCases)
  func `a changed section is refused or does no harm`(section: TallyFormat.Section) throws {
    let options = Self.options(isTight: true)
    let good = Self.sections(of: Self.whole(options, inputs: [0, 1]))
    let other = Self.sections(of: Self.whole(options, seed: 77, inputs: [1, 2]))
    let rounds = FuzzRounds("tally-\(section)", count: 60)
    var numbers = FuzzNumbers(seed: rounds.seed)
    var refused = 0
    for _ in 0..<rounds.count {
      var sections = good
      sections[section] = ByteMutation.mutated(
        good[section] ?? [], with: other[section] ?? [], &numbers)
      rounds.keep(sections[section] ?? [])
      do {
        let tally = try Self.read(sections, options)
        // What was let in must carry every later step.
        _ = tally.view()
        _ = Self.sections(of: tally)
      } catch let damage as TallyDamage {
        refused += 1
        #expect(!damage.what.isEmpty && damage.offset >= 0)
      }
    }
    #expect(refused > 0, "\(rounds.words)")
  }

  @Test(arguments: TallyFormat.Section.allCases)
  func `a section that ends early or late is refused`(section: TallyFormat.Section) throws {
    let options = Self.options(isTight: true)
    let good = Self.sections(of: Self.whole(options, inputs: [0]))
    let bytes = good[section] ?? []
    var numbers = FuzzNumbers(seed: 4)
    let lengths = Set((0..<40).map { _ in numbers.below(bytes.count) } + [0, bytes.count - 1])
    for length in lengths.sorted() {
      var sections = good
      sections[section] = Array(bytes.prefix(length))
      #expect(throws: TallyDamage.self, "\(section), \(length) of \(bytes.count) bytes") {
        try Self.read(sections, options)
      }
    }
    var sections = good
    sections[section] = bytes + [0]
    #expect(throws: TallyDamage.self) { try Self.read(sections, options) }
  }

  @Test func `a list that claims more than there is takes no room`() {
    var file = TallyEncoder(TallyNumbers(services: [], names: [], inputs: [:]))
    file.count(0)
    file.unsigned(1 << 60)
    #expect(throws: TallyDamage(offset: 10, what: "a list that is longer than its section")) {
      var input = TallyDecoder(file.bytes, at: 0)
      _ = try SeriesStore.decode(from: &input)
    }
  }

  @Test func `numbers of all sizes are read back`() throws {
    var numbers = SeededNumbers(12)
    let values =
      [0, 1, 127, 128, 16_383, 16_384, .max, .max - 1, 1 << 63]
      + (0..<200).map { UInt64.random(in: 0 ... .max, using: &numbers) >> UInt64($0 % 64) }
    var file = TallyEncoder(TallyNumbers(services: [], names: [], inputs: [:]))
    for value in values {
      file.unsigned(value)
      file.signed(Int64(bitPattern: value))
      file.word(value)
    }
    var input = TallyDecoder(file.bytes, at: 0)
    for value in values {
      #expect(try input.unsigned() == value)
      #expect(try input.signed() == Int64(bitPattern: value))
      #expect(try input.word() == value)
    }
    try input.finish()
  }

  @Test func `words that floodmark does not say are refused`() throws {
    for text in ["<script>", "@name", "[x](y)", "a|b", "`x`", "line\nbreak"] {
      var file = TallyEncoder(TallyNumbers(services: [], names: [], inputs: [:]))
      file.string(text)
      var input = TallyDecoder(file.bytes, at: 0)
      #expect(throws: TallyDamage.self, "\(text)") { try input.words() }
    }
  }
}
