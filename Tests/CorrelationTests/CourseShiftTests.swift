import FoundationEssentials
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Servers of one service, second by second: what all of them get, and what happens to some.
private struct CourseScene {
  enum Day: CaseIterable { case surge, loss, quiet, job }
  enum Trouble: CaseIterable {
    case none, zone, outages, startsLate, dies, rolling, uneven, canary, slow, foundLate, cascade
  }

  static let width = 5
  var rates: [[Double]]
  private var noise: SeededNoise

  init(seed: UInt64, _ day: Day, _ trouble: Trouble = .none) {
    noise = SeededNoise(seed: seed &* 7_919 &+ 13)
    let servers = 3 + Int(noise.bits() % 4)
    let cells = [2, 3, 6][Int(noise.bits() % 3)] * 3_600 / Self.width
    let rate = [2.0, 8, 40][Int(noise.bits() % 3)]
    let demand = Self.demand(cells, day, &noise)
    let up = Self.up(servers, cells, trouble, &noise)
    let late = 60 + 240 * noise.uniform()
    let lag = trouble == .slow ? 45 : trouble == .foundLate ? late : 0
    rates = (0..<servers).map { server in
      demand.indices.map { cell in
        let all = up.reduce(0) { $0 + $1[cell] }
        return all > 0
          ? rate * Double(servers) * demand[cell] * up[server][cell] / all : 0
      }
    }
    guard lag > 0 else { return }
    for cell in 1..<cells {
      let before = rates[0][cell - 1]
      rates[0][cell] = before + (rates[0][cell] - before) * min(1, Double(Self.width) / lag)
    }
  }

  private static func demand(_ cells: Int, _ day: Day, _ noise: inout SeededNoise) -> [Double] {
    let swing = 0.02 + 0.06 * noise.uniform()
    let factor = day == .surge ? 1.8 + 2.5 * noise.uniform() : 0.05 + 0.4 * noise.uniform()
    let start = Int(Double(cells) * (0.3 + 0.2 * noise.uniform()))
    let end = start + Int(Double(cells) * (0.15 + 0.15 * noise.uniform()))
    let ramp = 1 + Int(noise.bits() % 60)
    let every = [300, 600, 900, 1_800][Int(noise.bits() % 4)] / width
    var level = 0.0
    return (0..<cells).map { cell in
      if cell % 12 == 0 { level = 0.9 * level + swing * 0.44 * noise.normal() }
      var height = 1.0
      if day == .surge || day == .loss {
        let part = min(
          1, max(0, Double(cell - start + 1) / Double(ramp)),
          max(0, Double(end + ramp - cell) / Double(ramp)))
        height += (factor - 1) * part
      }
      if day == .job, cell % every < 12 { height *= 2 }
      return height * max(0.2, 1 + level)
    }
  }

  private static func up(
    _ servers: Int, _ cells: Int, _ trouble: Trouble, _ noise: inout SeededNoise
  ) -> [[Double]] {
    var up = [[Double]](repeating: [Double](repeating: 1, count: cells), count: servers)
    func place(_ low: Double, _ high: Double) -> Int {
      Int(Double(cells) * (low + (high - low) * noise.uniform()))
    }
    func stop(_ server: Int, _ from: Int, _ length: Int) {
      for cell in from..<max(from, min(cells, from + length)) { up[server][cell] = 0 }
    }
    switch trouble {
    case .none, .slow, .foundLate: break
    case .zone:
      let from = place(0.2, 0.7)
      for server in 0...servers / 3 { stop(server, from, place(0.02, 0.2)) }
    case .outages: for _ in 0..<3 { stop(Int(noise.bits() % UInt64(servers)), place(0, 0.9), 200) }
    case .startsLate: stop(0, 0, place(0.1, 0.7))
    case .dies: stop(0, place(0.3, 0.9), cells)
    case .rolling, .cascade:
      let length = trouble == .rolling ? 20 : 60
      for _ in 0..<3 {
        let from = place(0.05, 0.8)
        for server in up.indices { stop(server, from + server * 40, length) }
      }
    case .uneven:
      for server in up.indices {
        var level = 0.0
        for cell in 0..<cells {
          if cell % 12 == 0 { level = 0.9 * level + 0.07 * noise.normal() }
          up[server][cell] = max(0.1, 1 + level)
        }
      }
    case .canary:
      let from = place(0.2, 0.8)
      for cell in 0..<cells { up[0][cell] = cell < from ? 0.1 : 0.5 }
    }
    return up
  }

  /// What the tally holds with one server's clock so many seconds ahead.
  func minutes(ahead seconds: Int = 0, of shifted: Int = 0) -> [TrafficView.InputMinutes] {
    var noise = noise
    return rates.indices.map { server in
      var counts: [Int64: Int] = [:]
      for (cell, rate) in rates[server].enumerated() {
        let count = noise.poisson(rate * Double(Self.width))
        let time = cell * Self.width + (server == shifted ? seconds : 0)
        if count > 0 {
          counts[1_530_000_000 / 60 + floorDivide(Int64(time), 60), default: 0] += count
        }
      }
      return TrafficView.InputMinutes(
        input: server,
        minutes: counts.sorted { $0.key < $1.key }.map {
          .init(start: $0.key * 60, count: $0.value)
        })
    }
  }

  static func shifts(_ minutes: [TrafficView.InputMinutes]) -> [ShiftedServers.Shift] {
    var view = TrafficView(bucketSeconds: 10, services: [])
    view.inputMinutes = minutes
    let inputs = minutes.map { InputSummary(name: InputName(file: "web-\($0.input + 1).log.gz")) }
    let span = TimeSpan(
      start: Instant(seconds: 1_530_003_600), end: Instant(seconds: 1_530_007_200))
    return ShiftedServers.shifts(in: view, of: inputs, around: [span])
  }
}

struct CourseShiftTests {
  @Test(arguments: [90, 300, 720, -420])
  func `a server whose requests rise and fall apart from the others' is asked about`(
    seconds: Int
  ) {
    var found = 0
    for seed in 1...UInt64(8) {
      let scene = CourseScene(seed: seed, seed % 4 == 0 ? .loss : .surge)
      let shifted = Int(seed) % scene.rates.count
      let shifts = CourseScene.shifts(scene.minutes(ahead: seconds, of: shifted))
      found += shifts.count
      for shift in shifts {
        #expect(shift.input == shifted, "seed \(seed)")
        #expect(abs(Int(shift.seconds) - seconds) <= 20, "seed \(seed): \(shift.seconds) s")
      }
    }
    // Those of few requests are left alone.
    #expect(found >= 5, "\(found) of 8")
  }

  @Test(arguments: [100, CourseScene.asked])
  func `no server is asked about for what happened to it`(scenes: Int) {
    var seed: UInt64 = 0
    while seed < UInt64(scenes) {
      let days = CourseScene.Day.allCases
      let troubles = CourseScene.Trouble.allCases
      let day = days[Int(seed) % days.count]
      let trouble = troubles[Int(seed) % troubles.count]
      let scene = CourseScene(seed: 1_000 + seed, day, trouble)
      #expect(CourseScene.shifts(scene.minutes()).isEmpty, "seed \(seed), \(day), \(trouble)")
      seed += 1
    }
  }

  @Test func `of three servers that all stand apart none is asked about`() {
    let scene = CourseScene(seed: 1, .surge)
    let minutes = scene.minutes().prefix(3).map { server in
      TrafficView.InputMinutes(
        input: server.input,
        minutes: server.minutes.map {
          .init(start: $0.start + 420 * Int64(server.input), count: $0.count)
        })
    }
    #expect(CourseScene.shifts(minutes).isEmpty)
    #expect(CourseScene.shifts(Array(scene.minutes(ahead: 300).prefix(2))).isEmpty)
  }

  @Test func `a server's files by the hour are one course`() throws {
    let scene = CourseScene(seed: 1, .surge)
    var view = TrafficView(bucketSeconds: 10, services: [])
    var inputs: [InputSummary] = []
    for (server, minutes) in scene.minutes(ahead: 300, of: 1).enumerated() {
      for (number, hour) in Dictionary(grouping: minutes.minutes, by: { $0.start / 3_600 })
        .sorted(by: { $0.key < $1.key }).enumerated()
      {
        view.inputMinutes.append(.init(input: inputs.count, minutes: hour.value))
        inputs.append(InputSummary(name: InputName(file: "web-\(server)/access.log.\(9 - number)")))
      }
    }
    let span = TimeSpan(
      start: Instant(seconds: 1_530_003_600), end: Instant(seconds: 1_530_007_200))
    let shifts = ShiftedServers.shifts(in: view, of: inputs, around: [span])
    let shift = try #require(shifts.first)
    #expect(shifts.count == 1 && shift.seconds == 300)
    let names = ([shift.input] + shift.more).map { inputs[$0].name.joined }
    #expect(names.allSatisfy { $0.hasPrefix("web-1/") } && names.count > 1)
  }

  @Test func `where nothing rose and nothing failed no clock is asked about`() {
    var view = TrafficView(bucketSeconds: 10, services: [])
    view.inputMinutes = CourseScene(seed: 1, .surge).minutes(ahead: 300)
    let inputs = view.inputMinutes.map { InputSummary(name: InputName(file: "\($0.input).log")) }
    #expect(ShiftedServers.shifts(in: view, of: inputs, around: []).isEmpty)
  }
}

extension CourseScene {
  /// More scenes for those who ask: `FLOODMARK_CLOCK_SCENES=2000`.
  fileprivate static let asked =
    ProcessInfo.processInfo.environment["FLOODMARK_CLOCK_SCENES"].flatMap { Int($0) } ?? 0
}
