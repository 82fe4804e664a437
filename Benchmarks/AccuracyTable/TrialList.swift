internal import FloodmarkTestSupport
internal import IncidentModel

extension Scenario {
  /// The access logs in which the scenario can be told: what is slow only where lines tell how long they took.
  var accessFormats: [AccessLogKind] {
    self == .dependencySlow
      ? AccessLogKind.allCases.filter(\.tellsDuration) : AccessLogKind.allCases
  }
}

/// Which archives a run holds.
struct TrialList: Sendable {
  /// The causes of the table, in its order: all that the simulator plants.
  static let causes: [Scenario] = Scenario.allCases.filter { $0.cause != nil }

  private(set) var trials: [Trial] = []
  private let firstSeed: UInt64
  private let only: Scenario?

  /// Every cause in every format with each seed; every cause some times more with something done to its archive; surges that capacity took; and quiet archives of some days.
  ///
  /// - Parameters:
  ///   - seeds: for each cause and format.
  ///   - spoilt: for each cause and way in which its archive is spoilt, of mixed formats.
  init(
    seeds: Int, spoilt: Int, firstSeed: UInt64, only: Scenario?, quietDays: Int,
    longestQuiet: Int = 3
  ) {
    self.firstSeed = firstSeed
    self.only = only
    for (place, scenario) in chosen {
      let logs = scenario.capacityFormats
      for (column, access) in AccessLogKind.allCases.enumerated()
      where scenario.accessFormats.contains(access) {
        for seed in firstSeed..<firstSeed + UInt64(seeds) {
          let log = logs[(column + Int(seed % 65_536)) % logs.count]
          add(.planted, scenario, Self.mixed(seed, place, column), access, log)
        }
      }
    }
    for kind in Trial.Kind.allCases where kind != .planted && kind != .uneventful {
      for number in 0..<spoilt { addSpoilt(kind, number) }
    }
    if only == nil || only == .absorbed {
      for seed in firstSeed..<firstSeed + UInt64(seeds) {
        for (column, access) in AccessLogKind.allCases.enumerated() {
          add(.uneventful, .absorbed, Self.mixed(seed, 40, column), access, .awsActivities)
        }
      }
    }
    if only == nil || only == .quiet { addQuiet(quietDays, longest: longestQuiet) }
  }

  /// Some archives of every kind and two quiet days: two of each cause are a few seconds' work.
  ///
  /// - Parameter scale: part of the drawn traffic.
  static func sample(
    firstSeed: UInt64, ofEach count: Int = 2, quietDays: Int = 2, scale: Double = 1
  ) -> TrialList {
    var list = TrialList(
      seeds: 0, spoilt: 0, firstSeed: firstSeed, only: nil, quietDays: 0)
    for (place, scenario) in causes.enumerated() {
      let (formats, logs) = (scenario.accessFormats, scenario.capacityFormats)
      for number in 0..<count {
        let seed = mixed(firstSeed + UInt64(number), place, 60)
        list.add(
          .planted, scenario, seed, formats[(place + number * 5) % formats.count],
          logs[(place + number) % logs.count])
      }
    }
    for (place, scenario) in [Scenario.capacityExhausted, .maxSizeReached].enumerated() {
      let seed = mixed(firstSeed, 20 + place, 61)
      list.add(.withoutCapacityLog, scenario, seed, AccessLogKind.allCases[3 + place], .none)
    }
    for number in 0..<2 {
      let seed = mixed(firstSeed + UInt64(number), 40, 61)
      list.add(.uneventful, .absorbed, seed, AccessLogKind.allCases[number * 4], .awsActivities)
    }
    list.addQuiet(quietDays, longest: 1)
    for index in list.trials.indices { list.trials[index].scale = scale }
    return list
  }

  private var chosen: [(place: Int, scenario: Scenario)] {
    Self.causes.enumerated().filter { only == nil || only == $0.element }
      .map { ($0.offset, $0.element) }
  }

  private mutating func add(
    _ kind: Trial.Kind, _ scenario: Scenario, _ seed: UInt64, _ access: AccessLogKind,
    _ capacity: CapacityLogKind
  ) {
    trials.append(Trial(kind, scenario, seed: seed, access: access, capacity: capacity))
  }

  /// One archive of every cause that `kind` can befall, in formats that change from one to the next.
  private mutating func addSpoilt(_ kind: Trial.Kind, _ number: Int) {
    let row = 100 + (Trial.Kind.allCases.firstIndex(of: kind) ?? 0)
    for (place, scenario) in chosen {
      var formats = scenario.accessFormats
      var logs = scenario.capacityFormats
      switch kind {
      case .withoutClients: formats = [.combined, .nginxTimed, .nginxJSON]
      case .withoutDurations: formats = AccessLogKind.allCases.filter { !$0.tellsDuration }
      case .withoutCapacityLog where scenario == .demandSurge: continue
      case .withoutCapacityLog: logs = [.none]
      case .loudGroups where scenario == .demandSurge: continue
      case .second where scenario == .errorsWithoutLoad: continue
      case .crowds where !scenario.isSurge: continue
      default: break
      }
      let turn = place + number + row
      add(
        kind, scenario, Self.mixed(firstSeed + UInt64(number), row, place),
        formats[turn % formats.count], logs[(turn / 2) % logs.count])
    }
  }

  private mutating func addQuiet(_ days: Int, longest: Int) {
    let formats = AccessLogKind.allCases
    var left = days
    var number = 0
    while left > 0 {
      let seed = Self.mixed(firstSeed + UInt64(number), 50, 0)
      var trial = Trial(
        .uneventful, .quiet, seed: seed, access: formats[number % formats.count],
        capacity: .awsActivities)
      trial.days = min(left, longest - number % longest)
      trials.append(trial)
      left -= trial.days
      number += 1
    }
  }

  /// A seed of its own for each cell, so that no two archives tell the same story.
  private static func mixed(_ seed: UInt64, _ row: Int, _ column: Int) -> UInt64 {
    seed &* 100_000 &+ UInt64(row * 100 + column)
  }
}
