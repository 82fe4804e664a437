/// The expected arrivals of every cell, and the stretches that left them (METHODS §3, §4).
///
/// One pass over the cells. Expected = shape × height: the shape is the ``SeasonalProfile`` or 1, the height the mean of (arrivals ÷ shape) over the trailing 60 min before a guard of 5 min;
/// before 65 min have passed the first 10 min stand in, behind an ``Opening`` that is unlike them: that is neither judged nor learnt from. Page's CUSUM S ← max(0, S + z − k), k = max(.5, .225·√(μ/φ)), tells a rise at S > 12 (Page, Biometrika 41, 1954);
/// from its last zero on the height is frozen and no cell of the rise becomes part of it, until the same sum run downwards, E ← max(0, E + k − z), says that arrivals are back.
/// A loss is a run of cells whose 60 s sums stay at or under half of what is expected.
/// What stays over 4 h, or took over 60 min to nine tenths of its height, is a change of level: the height follows and no rise is told.
/// So is what for half an hour was steady, too small for a spike and without failures; the height before it judges the steps that follow within 4 h of its start where they are too small beside the new one.
///
/// - Complexity: O(cells).
struct RateTrack {
  private(set) var expected: [Double]
  /// Cells that neither a rise nor a loss covers.
  private(set) var calm: [Bool]
  /// From the last zero of the sum before the alarm to the last zero before the all-clear.
  private(set) var rises: [Range<Int>] = []
  private(set) var losses: [Range<Int>] = []
  /// The last rise was still there when the known cells ended.
  private(set) var lastRiseIsOpen = false
  private(set) var lastLossIsOpen = false

  private enum State {
    case calm
    case up(start: Int)
    case down(start: Int)
  }

  /// What stands at the beginning and is no baseline.
  let opening: Opening?
  /// The first cell that was judged.
  let begin: Int
  /// The cells that were judged by the first minutes, for want of anything earlier.
  private(set) var firstCells: [Range<Int>] = []

  private let series: CountSeries
  private let dispersion: Dispersion
  /// Where a given baseline is left behind and what is reported on begins, after a silence.
  private let newStretch: Int?
  private let profile: SeasonalProfile
  private var shape: [Double]
  private var state = State.calm
  private var window: TrailingWindow
  private var firstMean = 0.0
  private var firstEnd = 0
  /// The height that judges a rise or loss while it lasts, and the mean that stands in for it without a shape.
  private var frozen = TrailingWindow.Height()
  /// The height before a small rise that became usual, and where that began.
  private var earlier: (height: TrailingWindow.Height, start: Int)?
  private let failing: [Range<Int>]
  private var sum = 0.0
  private var sumZero = 0
  private var allClear = 0.0
  private var allClearZero = 0
  private var lowRun = 0
  private var highRun = 0

  init(_ series: CountSeries, dispersion: Dispersion, failing: [Range<Int>] = []) {
    self.series = series
    self.dispersion = dispersion
    self.failing = failing
    profile = SeasonalProfile(series)
    newStretch = series.newStretch
    expected = [Double](repeating: 0, count: series.count)
    calm = [Bool](repeating: true, count: series.count)
    shape = [Double](repeating: .nan, count: series.count)
    window = TrailingWindow(series)
    let known = series.knownRange
    opening = Opening.find(in: series, known, failing: failing, dispersion: dispersion)
    begin = opening?.range.upperBound ?? known.lowerBound
    let range = begin..<max(begin, known.upperBound)
    guard !range.isEmpty else { return }
    let first = FirstMinutes.range(of: series, in: range, dispersion: dispersion)
    firstMean = Double(series.requests(in: first)) / Double(max(1, first.count))
    firstEnd =
      range.lowerBound
      + series.cells(Parameters.Normal.trailingSeconds + Parameters.Normal.guardSeconds)
    firstCells.append(range.lowerBound..<firstEnd)
    for index in expected.indices.prefix(range.lowerBound) {
      expected[index] = firstMean
      if known.contains(index) { calm[index] = false }
    }
    window.begin(at: range.lowerBound)
    sumZero = range.lowerBound
    for index in range { step(index) }
    finish(range.upperBound)
    let last = expected[range.upperBound - 1]
    for index in range.upperBound..<expected.count { expected[index] = last }
  }

  /// Whether a cell was held against the same minute of earlier days or weeks.
  func isSeasonal(_ index: Int) -> Bool { shape.indices.contains(index) && shape[index] > 0 }

  private mutating func step(_ index: Int) {
    setShape(index)
    if index == newStretch { beginStretch(at: index) }
    switch state {
    case .calm:
      window.advance(to: index, calm: calm, shape: shape)
      expected[index] = value(at: index, window.height, isFirst: index < firstEnd)
      if series.known[index] { watch(index) }
    case .up(let start):
      expected[index] = value(at: index, frozen, isFirst: start < firstEnd)
      calm[index] = false
      if series.known[index] { watchRise(index, from: start) }
    case .down(let start):
      expected[index] = value(at: index, frozen, isFirst: start < firstEnd)
      calm[index] = false
      if series.known[index] { watchLoss(index, from: start) }
    }
  }

  private mutating func setShape(_ index: Int) {
    let minute = series.cells(60)
    let isNewMinute = (index - series.knownRangeStart) % minute == 0
    if isNewMinute || index == 0 {
      shape[index] = profile.value(at: index, calm: calm) ?? .nan
    } else {
      shape[index] = shape[index - 1]
    }
  }

  private func value(at index: Int, _ height: TrailingWindow.Height, isFirst: Bool) -> Double {
    let least = 1e-3
    if shape[index] > 0, newStretch.map({ index >= $0 }) == true {
      return max(least, shape[index] * (height.shapeRatio ?? 1))
    }
    if isFirst { return max(least, firstMean) }
    if shape[index] > 0, let ratio = height.shapeRatio { return max(least, shape[index] * ratio) }
    return max(least, height.mean ?? firstMean)
  }

  /// After the silence behind a given baseline the last hour says nothing of the height: the earlier days' own height holds until ten minutes have passed, and where they do not tell of this time of day the first minutes stand in.
  private mutating func beginStretch(at index: Int) {
    switch state {
    case .calm: break
    case .up(let start):
      rises.append(start..<max(start + 1, series.known[..<index].lastIndex(of: true) ?? start))
    case .down(let start):
      losses.append(start..<max(start + 1, series.known[..<index].lastIndex(of: true) ?? start))
    }
    resetSums(at: index)
    window.forget(before: index)
    let first = FirstMinutes.range(
      of: series, in: index..<series.knownRange.upperBound, dispersion: dispersion)
    firstMean = Double(series.requests(in: first)) / Double(max(1, first.count))
    firstEnd =
      index + series.cells(Parameters.Normal.trailingSeconds + Parameters.Normal.guardSeconds)
    firstCells.append(index..<firstEnd)
  }

  private func allowance(_ index: Int) -> Double {
    let mean = expected[index]
    return max(
      Parameters.Spike.allowance,
      Parameters.Spike.allowancePerRoot * (mean / dispersion.factor(at: mean)).squareRoot())
  }

  private mutating func watch(_ index: Int) {
    let z = dispersion.deviation(series.requests[index], expected: expected[index])
    sum = max(0, sum + z - allowance(index))
    if sum == 0 { sumZero = index + 1 }
    if sum > Parameters.Spike.alarm {
      freeze(from: sumZero, through: index)
      judgeByEarlier(from: sumZero, through: index)
      state = .up(start: sumZero)
      allClear = 0
      allClearZero = index + 1
      return
    }
    lowRun = isLow(index) ? lowRun + 1 : 0
    guard lowRun * series.widthSeconds >= Int(Parameters.Loss.minimumSeconds) / 2 else { return }
    let run = index + 1 - lowRun..<index + 1
    let mean = expected[run].reduce(0, +)
    let tail = CountTail.logBound(
      count: series.requests(in: run), expected: mean, dispersion: dispersion.factor(at: mean))
    if tail < -10 {
      let start = max(sumZeroFloor, run.lowerBound - series.cells(Parameters.Loss.windowSeconds))
      freeze(from: start, through: index)
      state = .down(start: start)
      highRun = 0
    }
  }

  private var sumZeroFloor: Int {
    max(rises.last?.upperBound ?? 0, losses.last?.upperBound ?? 0)
  }

  /// The sum over the last minute is at or under half of what is expected.
  private func isLow(_ index: Int) -> Bool {
    let cells = series.cells(Parameters.Loss.windowSeconds)
    guard index + 1 - cells >= 0 else { return false }
    let range = index + 1 - cells..<index + 1
    let mean = range.reduce(0.0) { $0 + expected[$1] }
    return Double(series.requests(in: range)) <= Parameters.Loss.ratio * mean
  }

  private mutating func freeze(from start: Int, through index: Int) {
    for cell in start...index { calm[cell] = false }
    window.remove(from: start)
    frozen = window.height
    for cell in start...index {
      expected[cell] = value(at: cell, frozen, isFirst: start < firstEnd)
    }
  }

  private mutating func watchRise(_ index: Int, from start: Int) {
    let z = dispersion.deviation(series.requests[index], expected: expected[index])
    allClear = max(0, allClear + allowance(index) - z)
    if allClear == 0 { allClearZero = index + 1 }
    if allClear > Parameters.Spike.alarm {
      rises.append(start..<max(start + 1, allClearZero))
      thaw(from: allClearZero, through: index)
      return
    }
    let elapsed = index - start
    if elapsed >= series.cells(Parameters.Normal.levelSeconds) || isSlowRise(index, from: start) {
      follow(index, from: start)
    } else if let level = smallLevel(index, from: start) {
      if level > start { rises.append(start..<level) }
      if let known = earlier, start - known.start < series.cells(Parameters.Normal.levelSeconds) {
        follow(index, from: level)
        earlier = known
      } else {
        let isFirst = start < firstEnd
        let height = isFirst ? TrailingWindow.Height(mean: firstMean) : frozen
        follow(index, from: level)
        earlier = (height, start)
      }
    }
  }

  /// Where a level begins that has been steady for half an hour, too small for a spike and without failures; nil: there is none.
  private func smallLevel(_ index: Int, from start: Int) -> Int? {
    let block = series.cells(300)
    let half = series.cells(Parameters.Normal.settledSeconds) / 2
    guard index + 1 - start >= 2 * half, (index + 1 - start) % block == 0 else { return nil }
    let first = index + 1 - 2 * half..<index + 1 - half
    let last = index + 1 - half..<index + 1
    let whole = first.lowerBound..<last.upperBound
    guard series.known[whole].allSatisfy({ $0 }), !failing.contains(where: { $0.overlaps(whole) }),
      height(of: whole, errors: Parameters.Spike.ratioErrors) < Parameters.Spike.minimumRatio,
      Double(series.requests(in: last))
        <= Parameters.Normal.settledGrowth * Double(series.requests(in: first))
    else { return nil }
    var level = whole.lowerBound
    while level - block >= start,
      height(of: level - block..<level, errors: -Parameters.Spike.ratioErrors)
        < Parameters.Spike.minimumRatio
    { level -= block }
    return level - block < start ? start : level
  }

  /// A stretch's requests, so many sampling errors more, over those expected.
  private func height(of range: Range<Int>, errors: Double) -> Double {
    let mean = expected[range].reduce(0, +)
    let factor = dispersion.factor(at: mean / Double(max(1, range.count)))
    let count = Double(series.requests(in: range))
    return (count + errors * (factor * max(1, count)).squareRoot()) / max(1e-9, mean)
  }

  /// Where a rise is too small for a spike beside a level that became usual, but not beside what was usual before it, that judges it: an incident may come step by step.
  private mutating func judgeByEarlier(from start: Int, through index: Int) {
    guard let known = earlier,
      start - known.start < series.cells(Parameters.Normal.levelSeconds)
    else { return }
    let block = series.cells(300)
    let end = min(
      series.knownRange.upperBound, start + series.cells(Parameters.Normal.settledSeconds))
    var highest = 0
    for low in stride(from: start, through: end - block, by: block) {
      highest = max(highest, series.requests(in: low..<low + block))
    }
    let least = Parameters.Spike.minimumRatio * Double(block)
    guard Double(highest) < least * expected[index],
      Double(highest) >= least * value(at: index, known.height, isFirst: false)
    else { return }
    frozen = known.height
    for cell in start...index { expected[cell] = value(at: cell, frozen, isFirst: false) }
  }

  /// Under half of the height after 30 min, under nine tenths after 60.
  private func isSlowRise(_ index: Int, from start: Int) -> Bool {
    let hour = series.cells(Parameters.Normal.slowRiseSeconds)
    let span = series.cells(300)
    guard index - start >= hour + span, (index - start) % span == 0 else { return false }
    let base = expected[start]
    let now = Double(series.requests(in: index + 1 - span..<index + 1)) / Double(span) - base
    guard now > 0 else { return false }
    var highest = 0.0
    var highestEarly = 0.0
    for low in stride(from: start, to: start + hour - span + 1, by: span) {
      let height = Double(series.requests(in: low..<low + span)) / Double(span) - base
      highest = max(highest, height)
      if low + span <= start + hour / 2 { highestEarly = max(highestEarly, height) }
    }
    return highest < 0.9 * now && highestEarly < 0.5 * now
  }

  private mutating func watchLoss(_ index: Int, from start: Int) {
    highRun = isLow(index) ? 0 : highRun + 1
    if highRun >= series.cells(Parameters.Loss.windowSeconds) {
      let end = max(start + 1, index + 1 - highRun)
      losses.append(start..<end)
      thaw(from: end, through: index)
    } else if index - start >= series.cells(Parameters.Normal.levelSeconds) {
      follow(index, from: start)
    }
  }

  private mutating func thaw(from end: Int, through index: Int) {
    if end <= index { for cell in end...index { calm[cell] = true } }
    resetSums(at: index + 1)
    sumZero = min(end, index + 1)
  }

  private mutating func follow(_ index: Int, from start: Int) {
    earlier = nil
    for cell in start...index { calm[cell] = true }
    window.restart(
      from: index + 1 - series.cells(Parameters.Normal.firstSeconds), through: index, shape: shape)
    firstEnd = min(firstEnd, index)
    resetSums(at: index + 1)
  }

  private mutating func resetSums(at index: Int) {
    state = .calm
    sum = 0
    sumZero = index
    lowRun = 0
  }

  private mutating func finish(_ end: Int) {
    switch state {
    case .calm: break
    case .up(let start):
      // An all-clear that was under way counts once it has gone half its way.
      let isOver = allClear > Parameters.Spike.alarm / 2
      rises.append(start..<max(start + 1, isOver ? allClearZero : end))
      lastRiseIsOpen = !isOver
    case .down(let start):
      losses.append(start..<end)
      lastLossIsOpen = true
    }
  }
}
