internal import IncidentModel

/// What followed requests, of one cell and block or of many.
struct RepeatCounts {
  var failed = 0.0
  var again = 0.0
  var served = 0.0
  var servedAgain = 0.0
  /// How many of the failed and of the served are followed by something else.
  var failedOther = 0.0
  var servedOther = 0.0
  /// How many of the served are followed by both: they are asked again on the way through the site, not by a clock.
  var servedBoth = 0.0
  /// Served requests within H of a failure, by the part of H that was left, and those of them that are asked again.
  var after = 0.0
  var afterAgain = 0.0

  mutating func add(_ trial: RepeatTrial, horizon: Double) {
    let isAgain = trial.next <= horizon
    if trial.isFailed {
      failed += 1
      if isAgain { again += 1 }
      if trial.other <= horizon { failedOther += 1 }
    } else if trial.sinceFailure <= horizon {
      after += 1 - trial.sinceFailure / horizon
      if trial.sinceFailure + trial.next <= horizon { afterAgain += 1 }
    } else {
      served += 1
      if isAgain { servedAgain += 1 }
      if trial.other <= horizon { servedOther += 1 }
      if isAgain && trial.other <= horizon { servedBoth += 1 }
    }
  }

  /// How many repeats of the failed requests there were, where `control` of the served ones are asked again and `goingOn` of the usual browsing goes on after a failure.
  func repeats(control: Double, goingOn: Double) -> Double {
    let natural = control * goingOn
    return (again - failed * natural) / (1 - natural) + afterAgain - after * control
  }

  static func += (left: inout RepeatCounts, right: RepeatCounts) {
    left.failed += right.failed
    left.again += right.again
    left.served += right.served
    left.servedAgain += right.servedAgain
    left.failedOther += right.failedOther
    left.servedOther += right.servedOther
    left.servedBoth += right.servedBoth
    left.after += right.after
    left.afterAgain += right.afterAgain
  }
}

/// Counts apart for each group of clients, so that the jackknife can leave one out without a second look at the trials.
struct GroupedCounts {
  private var counts: [RepeatCounts] = []

  /// How many rows there are.
  var rows: Int { counts.count / ClientParameters.groups }

  /// Adds a row without counts; returns its number.
  mutating func addRow() -> Int {
    counts.append(
      contentsOf: repeatElement(RepeatCounts(), count: ClientParameters.groups))
    return rows - 1
  }

  mutating func add(_ trial: RepeatTrial, horizon: Double, to row: Int) {
    counts[row * ClientParameters.groups + trial.group].add(trial, horizon: horizon)
  }

  /// A row over all groups but one; always summed in their order, so that it rounds alike on every run.
  func sum(_ row: Int, without left: Int?) -> RepeatCounts {
    var sum = RepeatCounts()
    for group in 0..<ClientParameters.groups where group != left {
      sum += counts[row * ClientParameters.groups + group]
    }
    return sum
  }
}

/// The trials of a service, counted once by cell and block.
struct RepeatGrid {
  /// A cell within a block of 300 s, or outside the spans.
  struct Place: Hashable {
    var cell: Int
    var block: Int64
  }

  /// Stands for all blocks outside the spans.
  static let elsewhere = Int64.min
  /// Rows of ``whole``.
  static let all = 0
  static let insideAll = 1

  /// Ascending by block, then cell.
  private(set) var places: [(place: Place, row: Int)] = []
  private(set) var blocks = GroupedCounts()
  /// By cell, within the spans and outside.
  private(set) var inside = GroupedCounts()
  private(set) var outside = GroupedCounts()
  /// By cell, within the spans, of clients that have more requests than were kept.
  private(set) var cut = GroupedCounts()
  private(set) var whole = GroupedCounts()
  /// Of all cells within the spans, ascending by start of the minute.
  private(set) var minutes: [(start: Int64, row: Int)] = []
  private(set) var byMinute = GroupedCounts()
  /// Failed requests that can't be told from polling, by group.
  private(set) var unusable = [Double](repeating: 0, count: ClientParameters.groups)

  init(_ trials: [RepeatTrial], spans: [TimeSpan]) {
    let cells = Self.cells(of: trials)
    let horizons = Self.horizons(trials, cells)
    for _ in horizons {
      _ = inside.addRow()
      _ = outside.addRow()
      _ = cut.addRow()
    }
    _ = whole.addRow()
    _ = whole.addRow()
    var rows: [Place: Int] = [:]
    var minuteRows: [Int64: Int] = [:]
    for (trial, cell) in zip(trials, cells) {
      let isInside = spans.contains { $0.contains(trial.arrival) }
      let horizon = horizons[cell]
      guard horizon > 0 else {
        if trial.isFailed, isInside { unusable[trial.group] += 1 }
        continue
      }
      whole.add(trial, horizon: horizon, to: Self.all)
      if isInside {
        whole.add(trial, horizon: horizon, to: Self.insideAll)
        inside.add(trial, horizon: horizon, to: cell)
        if trial.isCut { cut.add(trial, horizon: horizon, to: cell) }
        let minute = trial.arrival.bucketStart(width: ClientParameters.minuteSeconds).seconds
        let row = minuteRows[minute] ?? byMinute.addRow()
        minuteRows[minute] = row
        byMinute.add(trial, horizon: horizon, to: row)
      } else {
        outside.add(trial, horizon: horizon, to: cell)
      }
      let place = Place(cell: cell, block: isInside ? trial.block : Self.elsewhere)
      let row = rows[place] ?? blocks.addRow()
      rows[place] = row
      blocks.add(trial, horizon: horizon, to: row)
    }
    minutes = minuteRows.map { ($0.key, $0.value) }.sorted { $0.start < $1.start }
    places = rows.map { ($0.key, $0.value) }.sorted {
      ($0.place.block, $0.place.cell) < ($1.place.block, $1.place.cell)
    }
  }

  /// The number of each trial's cell, from 0, in the order in which they are met.
  private static func cells(of trials: [RepeatTrial]) -> [Int] {
    var numbers: [UInt64: Int] = [:]
    return trials.map { trial in
      let number = numbers[trial.cell] ?? numbers.count
      if number == numbers.count { numbers[trial.cell] = number }
      return number
    }
  }

  /// The longest horizon of each cell at which served requests are not asked again as a rule; 0 for none.
  private static func horizons(_ trials: [RepeatTrial], _ cells: [Int]) -> [Double] {
    let lengths = ClientParameters.horizons
    let cellCount = (cells.max() ?? -1) + 1
    var counts = [RepeatCounts](repeating: RepeatCounts(), count: cellCount * lengths.count)
    for (trial, cell) in zip(trials, cells) where !trial.isFailed {
      for (index, horizon) in lengths.enumerated() {
        counts[cell * lengths.count + index].add(trial, horizon: horizon)
      }
    }
    return (0..<cellCount).map { cell in
      for (index, horizon) in lengths.enumerated() {
        let count = counts[cell * lengths.count + index]
        if count.servedAgain <= ClientParameters.highestControl * count.served { return horizon }
      }
      return 0
    }
  }
}
