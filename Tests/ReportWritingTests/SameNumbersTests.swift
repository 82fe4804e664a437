internal import FloodmarkTestSupport
internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// The numbers that a `report.json` gives, in every form in which a report may write them.
struct ToldNumbers {
  /// Numbers with their thousands marks, without a unit.
  private(set) var numbers: Set<String> = []
  private(set) var times: Set<String> = []
  private(set) var durations: Set<String> = []
  private var seen: Set<String> = []
  private var moments: Set<Int64> = []
  /// Times that lags and lengths are counted between.
  private var milestones: Set<Double> = []

  init(_ report: JSONTree) {
    collect(report)
    for name in ["impact", "outside"] {
      for incident in report["incidents"]?.items ?? [] { addShares(incident[name]) }
    }
    for service in report["services"]?.items ?? [] { addShares(service) }
    for series in report["series"]?.items ?? [] {
      addCells(series, window: report["window"])
    }
    for spike in report["spikes"]?.items ?? [] { addParts(spike["composition"]) }
    for account in report["capacity"]?.items ?? [] { addShortage(account) }
    addInputs(report)
    addCounts(report)
    addSpans(report)
    for time in moments { addTime(time) }
  }

  // MARK: What stands there

  private mutating func collect(_ value: JSONTree) {
    switch value {
    case .number(let number): add(number)
    case .string(let text): add(text)
    case .array(let items): for item in items { collect(item) }
    case .object(let members):
      for (name, item) in members where name != "series" {
        collect(item)
      }
    default: break
    }
  }

  private mutating func add(_ text: String) {
    guard text.utf8.contains(where: { (0x30...0x39).contains($0) }), seen.insert(text).inserted
    else { return }
    if let moment = Self.moment(text) {
      moments.insert(moment)
      milestones.insert(Double(moment))
      return
    }
    let parts = NumberTokens(text)
    numbers.formUnion(parts.numbers)
    times.formUnion(parts.times)
    durations.formUnion(parts.durations)
  }

  private mutating func add(_ number: Double) {
    for places in 0...1 {
      add(Figure.share(number, places: places))
    }
    add(Figure.rate(number))
    add(Figure.factor(number))
    add(Figure.factor(abs(number)))
    add(latency: number)
    add(Figure.size(bytes: Int(max(0, min(number, 1e15)))))
    durations.insert(Figure.duration(seconds: abs(number)).text)
    guard let whole = Int(exactly: number) else { return }
    add(Figure.count(whole))
    add(Figure.estimate(whole, error: 0.02))
  }

  private mutating func add(_ figure: Figure) {
    for word in figure.text.split(whereSeparator: { " –()".contains($0) })
    where word.first?.isNumber == true { numbers.insert(String(word)) }
  }

  private mutating func add(latency: Double) {
    let figure = Figure.latency(milliseconds: latency)
    durations.insert(figure.text)
    // In a strip's range it has no unit.
    numbers.formUnion(figure.text.split(separator: " ").prefix(1).map(String.init))
  }

  // MARK: What follows from it

  private mutating func addShares(_ impact: JSONTree?) {
    guard let whole = impact?["requests"]?.whole else { return }
    if let repeats = impact?["repeats"]?.whole, case .number(let error) = impact?["repeats_error"] {
      Figure.margin(error / Double(max(1, repeats))).map { add($0) }
    }
    if let shed = impact?["shed"]?.whole, let failed = impact?["failed"]?.whole {
      add(Figure.share(shed, of: failed))
    }
    for name in ["failed", "shed", "throttled", "abandoned", "repeats"] {
      guard let part = impact?[name]?.whole else { continue }
      for places in 0...1 { add(Figure.share(part, of: whole, places: places)) }
    }
  }

  private mutating func addCells(_ tree: JSONTree, window: JSONTree?) {
    guard let start = tree["start"]?.text.flatMap(Self.moment),
      let width = tree["bucket_seconds"]?.whole
    else { return }
    var series = ServiceSeries(
      service: "", start: Instant(seconds: start / 1_000_000), bucketSeconds: width)
    for (name, path) in [
      ("requests", \ServiceSeries.requests), ("failed", \.failed), ("repeats", \.repeats),
      ("needed", \.needed), ("needed_first_attempts", \.neededFirstAttempts),
      ("wanted", \.wanted), ("ready", \.ready),
    ] {
      series[keyPath: path] = (tree[name]?.items ?? []).map(\.whole)
    }
    for value in (series.needed + series.neededFirstAttempts + series.wanted + series.ready) {
      if let value { add(Figure.count(value)) }
    }
    let sums = [series.requests, series.failed, series.repeats]
    for most in [24, 60] {
      guard var grid = CellGrid(series, most: most) else { continue }
      if let start = window?["start"]?.text.flatMap(Self.moment),
        let end = window?["end"]?.text.flatMap(Self.moment)
      {
        grid.covered = TimeSpan(
          start: Instant(microseconds: start), end: Instant(microseconds: end))
      }
      let cells = sums.map { grid.gathered($0, +) }
      for cell in 0..<grid.count {
        moments.insert(grid.start(of: cell).microseconds)
        for column in cells { column[cell].map { add(Figure.count($0)) } }
        add(Figure.percentage(cells[1][cell] ?? 0, of: cells[0][cell] ?? 0))
      }
      durations.insert(Figure.duration(seconds: Double(grid.width)).text)
      for part in sums {
        let shares = grid.highestRatio(part, of: series.requests).compactMap { $0 }
        for share in [shares.min(), shares.max()] {
          // A strip whose highest value is below 1 tells more of it.
          for places in [1, 3] {
            if let share { add(Figure.range(share * 100, share * 100, places: places)) }
          }
        }
      }
      let rates = grid.highestRate(series.requests).compactMap { $0 }
      for rate in [rates.min(), rates.max()] {
        if let rate { add(Figure.range(rate, rate, places: 1)) }
      }
    }
    let totals = sums.map { $0.reduce(0) { $0 + ($1 ?? 0) } }
    for total in totals { add(Figure.count(total)) }
    add(Figure.percentage(totals[1], of: totals[0]))
    for value in tree["p95_ms"]?.items ?? [] {
      if case .number(let latency) = value { add(latency: latency) }
    }
  }

  private mutating func addParts(_ composition: JSONTree?) {
    guard let whole = composition?["excess_requests"]?.whole else { return }
    for name in ["retry_share", "bot_share"] {
      guard case .number(let share) = composition?[name] else { continue }
      let part = Int((share * Double(whole)).rounded())
      for number in [part, whole - part] {
        add(Figure.count(number))
        add(Figure.share(number, of: whole))
      }
    }
    add(Figure.share(whole, of: whole))
    guard case .number(let repeats) = composition?["retry_share"],
      case .number(let machines) = composition?["bot_share"]
    else { return }
    let parts = [repeats, machines].map { Int(($0 * Double(whole)).rounded()) }
    let rest = max(0, whole - parts[0] - parts[1])
    add(Figure.count(rest))
    add(Figure.share(rest, of: whole))
  }

  private mutating func addShortage(_ account: JSONTree) {
    if let first = account["peak_needed_first_attempts"]?.whole,
      let ready = account["peak_ready"]?.whole
    {
      add(Figure.count(max(0, first - ready)))
    }
    guard case .array(let ends) = account["per_instance_rps_interval"], ends.count == 2,
      case .number(let low) = ends[0], case .number(let high) = ends[1]
    else { return }
    add(Figure.interval(low...high))
  }

  private mutating func addInputs(_ report: JSONTree) {
    let access = (report["inputs"]?.items ?? []).filter {
      $0["kind"] == .string("access") && $0["duplicate_of"] == .null
    }
    for name in ["lines", "records", "rejected", "outside_window"] {
      add(Figure.count(access.compactMap { $0[name]?.whole }.reduce(0, +)))
    }
    // Tokens are counted together.
    let tokens = (report["redaction"]?.items ?? []).filter { item in
      MaskClass.allCases.first { item["class"] == .string($0.rawValue) }?.isToken ?? false
    }
    add(Figure.count(tokens.compactMap { $0["count"]?.whole }.reduce(0, +)))
  }

  /// How many there are of something.
  private mutating func addCounts(_ report: JSONTree) {
    for name in ["inputs", "incidents", "spikes", "capacity", "services"] {
      add(Figure.count(report[name]?.items.count ?? 0))
    }
    let supported = (report["incidents"]?.items ?? []).map { incident in
      incident["findings"]?.items.filter { $0["verdict"] == .string("supported") }.count ?? 0
    }
    for count in supported { add(Figure.count(Cause.allCases.count - min(6, count))) }
    let inputs = report["inputs"]?.items ?? []
    add(Figure.count(inputs.filter { $0["kind"] != .string("skipped") }.count))
    add(Figure.count(inputs.filter { $0["truncated_at"] != .null }.count))
  }

  private mutating func addSpans(_ report: JSONTree) {
    for first in milestones {
      for last in milestones where last >= first {
        let seconds = (last - first) / 1e6
        durations.insert(Figure.duration(seconds: seconds).text)
        // To a moment that is known to the minute.
        durations.insert(Figure.duration(seconds: (seconds / 60).rounded() * 60).text)
      }
    }
  }

  private mutating func addTime(_ moment: Int64) {
    for offset in [0, -25_200] {
      let civil = CivilTime(Instant(microseconds: moment), offsetSeconds: offset)
      let minute = Self.pad(civil.hour) + ":" + Self.pad(civil.minute)
      times.formUnion([minute, minute + ":" + Self.pad(civil.second)])
      numbers.formUnion([String(civil.day), String(civil.year)])
    }
  }

  private static func pad(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }

  /// Microseconds since the epoch of an RFC 3339 time.
  private static func moment(_ text: String) -> Int64? {
    let shape = /([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?Z/
    guard (20...27).contains(text.utf8.count), text.hasSuffix("Z"),
      let found = text.wholeMatch(of: shape)?.output
    else { return nil }
    let parts = [found.1, found.2, found.3, found.4, found.5, found.6].compactMap { Int($0) }
    let civil = CivilTime(
      year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4],
      second: parts[5])
    let fraction = found.7.flatMap { Double("0" + $0) } ?? 0
    return civil.instant().microseconds + Int64(fraction * 1e6)
  }
}

extension JSONTree {
  var whole: Int? {
    if case .number(let number) = self { return Int(exactly: number) }
    return nil
  }

  var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }
}

/// The numbers, times and durations of a text.
struct NumberTokens {
  private(set) var numbers: Set<String> = []
  private(set) var times: Set<String> = []
  private(set) var durations: Set<String> = []

  init(_ text: String) {
    var text = text.replacing(/\[E[0-9]+\]/, with: "").replacing(/UTC[+−][0-9:]+/, with: "")
    let time = /[0-9]{2}:[0-9]{2}(:[0-9]{2})?/
    times = Set(text.matches(of: time).map { String($0.output.0) })
    text.replace(time, with: "")
    let duration = /[0-9][0-9,]* (?:d|h|min|s|ms)\b(?: [0-9]+ (?:h|min|s)\b)*/
    durations = Set(text.matches(of: duration).map { String($0.output) })
    text.replace(duration, with: "")
    numbers = Set(text.matches(of: /[0-9][0-9,]*(?:\.[0-9]+)?/).map { String($0.output) })
    numbers = Set(numbers.map { $0.hasSuffix(",") ? String($0.dropLast()) : $0 })
  }
}

/// A report of `Reports/` that is kept as Markdown and as JSON.
struct KeptReport: CustomTestStringConvertible, Sendable {
  var name: String
  var markdown: String
  var json: String
  var testDescription: String { name }

  static let all: [KeptReport] = {
    let root = Fixture.packageRoot + "/Reports"
    func read(_ path: String) -> String? {
      (try? Data(contentsOf: URL(filePath: root + "/" + path)))
        .map { String(decoding: $0, as: UTF8.self) }
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().compactMap { name in
      guard let markdown = read(name + "/report.md"), let json = read(name + "/report.json") else {
        return nil
      }
      return KeptReport(name: name, markdown: markdown, json: json)
    }
  }()
}

@Suite struct SameNumbersTests {
  /// Numbers of our own wording, which no log decides.
  private static let wording = [
    "(5xx)", "Only 5xx", "(408, 444, 460, 499 or no status)", "(429)", "p95", "within 60 s of a failure", "SHA-256",
    "(/24, of IPv6 /48, or wider)", "at least 5 clients", "0–100 %", "503, 504", "every 100",
  ]

  private static func told(_ json: String) throws -> ToldNumbers {
    ToldNumbers(try JSONDecoder().decode(JSONTree.self, from: Data(json.utf8)))
  }

  private static func untold(_ markdown: String, _ told: ToldNumbers) -> [String] {
    var left: [String] = []
    // The scales of the strips are round numbers above the highest value.
    var text = markdown.replacing(/(p95|Requests\/s) 0–[0-9,]+( ms)?/, with: "")
    for words in wording { text = text.replacing(words, with: "") }
    for line in text.split(separator: "\n") {
      let tokens = NumberTokens(MarkdownShape.withoutCode(String(line)))
      let missing =
        tokens.numbers.subtracting(told.numbers).union(tokens.times.subtracting(told.times))
        .union(tokens.durations.subtracting(told.durations))
      for token in missing.sorted() { left.append("\(token) in: \(line.prefix(200))") }
    }
    return left
  }

  private static let names: Set<String> = [
    "the sample", "no capacity input", "no durations, no repeats", "gaps", "undetermined",
    "three incidents", "no incident", "one record",
  ]

  @Test(arguments: AnalysisCase.all.filter { names.contains($0.name) })
  func `every number of the Markdown follows from the JSON`(_ case: AnalysisCase) throws {
    let left = Self.untold(`case`.markdown, try Self.told(try `case`.file("report.json")))
    #expect(left.isEmpty, "\(left.joined(separator: "\n"))")
  }

  @Test(arguments: KeptReport.all)
  func `every number of a kept report follows from its JSON`(_ report: KeptReport) throws {
    let left = Self.untold(report.markdown, try Self.told(report.json))
    #expect(left.isEmpty, "\(left.joined(separator: "\n"))")
  }

  @Test func `reports of several incidents are kept`() {
    #expect(KeptReport.all.count >= 6)
  }

  @Test func `a number that the JSON does not give is found`() throws {
    let `case` = try #require(AnalysisCase.all.first)
    let told = try Self.told(try `case`.file("report.json"))
    for (old, new) in [
      ("288,230", "288,231"), ("18:54:20", "18:54:27"), ("1 min 35 s", "1 min 37 s"),
      ("37.4 %", "38.9 %"),
    ] {
      #expect(`case`.markdown.contains(old))
      let left = Self.untold(`case`.markdown.replacing(old, with: new), told)
      #expect(!left.isEmpty, "\(new)")
    }
  }
}
