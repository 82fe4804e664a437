internal import IncidentModel

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

  /// The number of each trial's cell, from 0, in the order in which they are met.
  private let cells: [Int]
  /// By cell, in seconds; 0 for none.
  private let horizons: [Double]

  /// - Parameter left: trials that count nowhere.
  init(_ trials: [RepeatTrial], without left: (Int) -> Bool = { _ in false }) {
    cells = Self.cells(of: trials)
    horizons = Self.horizons(trials, cells, left)
    for _ in horizons {
      _ = inside.addRow()
      _ = outside.addRow()
      _ = cut.addRow()
    }
    _ = whole.addRow()
    _ = whole.addRow()
    var rows: [Place: Int] = [:]
    var minuteRows: [Int64: Int] = [:]
    for (place, trial) in trials.enumerated() where !left(place) {
      let cell = cells[place]
      let isInside = trial.isInside
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
      let part = Place(cell: cell, block: isInside ? trial.block : Self.elsewhere)
      let row = rows[part] ?? blocks.addRow()
      rows[part] = row
      blocks.add(trial, horizon: horizon, to: row)
    }
    minutes = minuteRows.map { ($0.key, $0.value) }.sorted { $0.start < $1.start }
    places = rows.map { ($0.key, $0.value) }.sorted {
      ($0.place.block, $0.place.cell) < ($1.place.block, $1.place.cell)
    }
  }

  func cell(of place: Int) -> Int { cells[place] }

  /// Within how many seconds a trial counts as asked again; 0: it can't be told from polling.
  func horizon(of place: Int) -> Double { horizons[cells[place]] }

  private static func cells(of trials: [RepeatTrial]) -> [Int] {
    var numbers: [UInt64: Int] = [:]
    return trials.map { trial in
      let number = numbers[trial.cell] ?? numbers.count
      if number == numbers.count { numbers[trial.cell] = number }
      return number
    }
  }

  /// The longest horizon of each cell at which served requests are not asked again as a rule; 0 for none.
  private static func horizons(
    _ trials: [RepeatTrial], _ cells: [Int], _ left: (Int) -> Bool
  ) -> [Double] {
    let lengths = ClientParameters.horizons
    let cellCount = (cells.max() ?? -1) + 1
    var counts = [RepeatCounts](repeating: RepeatCounts(), count: cellCount * lengths.count)
    for (place, trial) in trials.enumerated() where !trial.isFailed && !left(place) {
      for (index, horizon) in lengths.enumerated() {
        counts[cells[place] * lengths.count + index].add(trial, horizon: horizon)
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
