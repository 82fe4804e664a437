internal import IncidentModel
internal import TrafficTally

/// A rise with its edges and heights, before its composition is asked for (METHODS §4).
///
/// Gates over its interval, or over that without its ramps: arrivals ÷ expected ≥ 1.5, ≥ 60 s, excess ≥ 50 requests, over-dispersed tail ≤ 10⁻⁷. At 0.2 requests/s chance alone makes 91 minutes a day with 1.5 ×, which the tail refuses.
/// The ratio is refused only where it is under 1.5 by more than two of its errors, √(φ/x + φ/m) with m the requests of ten minutes of baseline: a true 1.5 × would else be a coin's toss.
struct SpikeDetection {
  let traffic: ServiceTraffic
  let bucketSeconds: Int
  let series: CountSeries
  let dispersion: Dispersion
  let track: RateTrack

  /// The spikes in order of onset, their composition still empty, with the seconds of a possible half minute before the next.
  func spikes() -> [DetectedSpike] {
    var found: [DetectedSpike] = []
    for (position, rise) in track.rises.enumerated() {
      let before = position > 0 ? track.rises[position - 1].upperBound : track.begin
      // What a given baseline holds is no run-up to a rise behind the silence.
      let floor =
        series.newStretch.map { $0 <= rise.lowerBound ? max($0, before) : before } ?? before
      let isLast = position == track.rises.count - 1
      let ceiling = isLast ? series.knownRange.upperBound : track.rises[position + 1].lowerBound
      let isOpen = isLast && track.lastRiseIsOpen
      if let spike = spike(rise, floor: floor, ceiling: ceiling, isOpen: isOpen) {
        if let last = found.last, spike.onset < last.end { continue }
        found.append(spike)
      }
    }
    return found
  }

  private func spike(
    _ rise: Range<Int>, floor: Int, ceiling: Int, isOpen: Bool
  ) -> DetectedSpike? {
    guard passesGates(rise, slack: true) else { return nil }
    let onset = onset(of: rise, floor: floor)
    let end = isOpen ? nil : end(of: rise, after: onset, ceiling: ceiling)
    let endTime = end?.time ?? series.time(of: rise.upperBound)
    guard onset.time < endTime else { return nil }
    let span = TimeSpan(start: onset.time, end: endTime)
    guard span.seconds >= Parameters.Spike.minimumSeconds else { return nil }
    guard
      passesGates(inside(span), slack: false)
        || passesGates(inside(level(of: span, onset: onset, end: end)), slack: false)
    else { return nil }
    let peak = busiestMinute(of: span)
    let base = track.expected[min(max(rise.lowerBound, 0), series.count - 1)]
    return DetectedSpike(
      onset: onset.time, onsetUncertaintySeconds: onset.uncertainty,
      rampSeconds: onset.rampSeconds, peakMinute: peak.minute, end: endTime,
      endUncertaintySeconds: end?.uncertainty ?? 0, isOpen: isOpen,
      baselineRate: base / Double(series.widthSeconds), peakRate: peak.rate,
      composition: Composition(
        kind: .cannotTell, excessRequests: nil, botShare: nil, retryShare: nil, segments: []))
  }

  /// The cells that lie wholly inside a span, or those that it touches where there are none.
  private func inside(_ span: TimeSpan) -> Range<Int> {
    let touched = series.range(of: span)
    guard let first = touched.first, let last = touched.last, touched.count > 4 else {
      return touched
    }
    let low = series.time(of: first) < span.start ? first + 1 : first
    let high = series.time(of: last + 1) > span.end ? last : last + 1
    return low..<max(low, high)
  }

  /// The span without its ramps; the whole where nothing is left.
  private func level(of span: TimeSpan, onset: Edge, end: Edge?) -> TimeSpan {
    let level = TimeSpan(
      start: span.start.advanced(bySeconds: onset.rampSeconds),
      end: span.end.advanced(bySeconds: -(end?.rampSeconds ?? 0)))
    return level.seconds >= Parameters.Spike.minimumSeconds ? level : span
  }

  /// Half of the gates before the edges are known, all of them after.
  private func passesGates(_ range: Range<Int>, slack: Bool) -> Bool {
    var expected = 0.0
    var observed = 0
    for index in range where series.known[index] {
      expected += track.expected[index]
      observed += series.requests[index]
    }
    let excess = Double(observed) - expected
    guard excess >= (slack ? 0.5 : 1) * Parameters.Spike.minimumExcess else { return false }
    let perCell = expected / Double(max(1, range.count))
    let factor = dispersion.factor(at: perCell)
    let learnt = perCell * Double(series.cells(Parameters.Normal.firstSeconds))
    let error = (factor / max(1, Double(observed)) + factor / max(1, learnt)).squareRoot()
    let ratio = Double(observed) / max(1e-9, expected)
    let least = slack ? 1.2 : Parameters.Spike.minimumRatio
    guard ratio * (1 + Parameters.Spike.ratioErrors * error) >= least else { return false }
    let tail = CountTail.logBound(
      count: observed, expected: expected, dispersion: factor)
    return tail <= LogOf.maximumSpikeTail
  }

  private struct Edge {
    var time: Instant
    var uncertainty: Double
    var rampSeconds: Double
  }

  private var rises: [Int] {
    var cells: [Int] = []
    for seconds in Parameters.Spike.riseSeconds {
      let count = seconds / series.widthSeconds
      if count > 0, count != cells.last { cells.append(count) }
    }
    return cells
  }

  /// When a rise is at nine tenths of its highest 60 s within the first 45 min, plus 5 min.
  private func levelEnd(_ counts: [Int], from start: Int) -> Int {
    let minute = series.cells(60)
    let horizon = min(counts.count, start + series.cells(2_700))
    guard start + minute <= horizon else { return counts.count }
    var sum = counts[start..<start + minute].reduce(0, +)
    var sums = [sum]
    for index in start + minute..<max(start + minute, horizon) {
      sum += counts[index] - counts[index - minute]
      sums.append(sum)
    }
    let highest = Dispersion.quantile(sums.map(Double.init), 0.8)
    let reached = sums.firstIndex { Double($0) >= 0.9 * highest } ?? 0
    let context = series.cells(Parameters.Spike.levelContextSeconds)
    return min(counts.count, start + reached + minute + context)
  }

  private func onset(of rise: Range<Int>, floor: Int) -> Edge {
    let low = max(
      floor,
      rise.lowerBound - series.cells(Parameters.Spike.footBeforeSeconds)
        - series.cells(Parameters.Spike.footContextSeconds))
    let counts = Array(series.requests[low..<rise.upperBound])
    let zero = rise.lowerBound - low
    let fallback = Edge(
      time: series.time(of: rise.lowerBound), uncertainty: Double(series.widthSeconds) / 2,
      rampSeconds: 0)
    // A log that begins inside the rise shows no foot.
    if series.newStretch == low, zero < series.cells(60) { return fallback }
    guard let fit = fit(Array(counts.prefix(levelEnd(counts, from: zero))), zero: zero) else {
      return fallback
    }
    return edge(fit, origin: low, ascending: true)
  }

  private func end(of rise: Range<Int>, after onset: Edge, ceiling: Int) -> Edge {
    let high = min(
      ceiling,
      rise.upperBound + series.cells(Parameters.Spike.footBeforeSeconds)
        + series.cells(Parameters.Spike.footContextSeconds))
    let low = min(
      rise.upperBound - 1,
      max(
        rise.lowerBound, series.range(of: TimeSpan(start: onset.time, end: onset.time)).lowerBound))
    let counts = Array(series.requests[low..<high].reversed())
    let zero = high - rise.upperBound
    let fallback = Edge(
      time: series.time(of: rise.upperBound), uncertainty: Double(series.widthSeconds) / 2,
      rampSeconds: 0)
    guard let fit = fit(Array(counts.prefix(levelEnd(counts, from: zero))), zero: zero) else {
      return fallback
    }
    return edge(fit, origin: high, ascending: false)
  }

  private func fit(_ counts: [Int], zero: Int) -> ChangeEdge? {
    let feet =
      max(
        2, zero - series.cells(Parameters.Spike.footBeforeSeconds))..<max(
        3, min(counts.count, zero + series.cells(Parameters.Spike.footAfterSeconds)))
    let mean = Double(counts.prefix(max(1, zero)).reduce(0, +)) / Double(max(1, zero))
    let factor = dispersion.factor(at: mean)
    let fit = ChangeEdge.fit(
      counts, feet: feet, rises: rises, jumps: Parameters.Spike.jumps, dispersion: factor)
    return fit?.sharpened(counts, reach: series.cells(120), dispersion: factor)
  }

  /// The edge as a time, on the finest buckets where they are finer than the cells.
  private func edge(_ fit: ChangeEdge, origin: Int, ascending: Bool) -> Edge {
    let width = series.widthSeconds
    let bucket = max(1, bucketSeconds)
    let ramp = fit.jump >= 0.5 ? 0 : Double(fit.rise * width)
    let index = ascending ? origin + fit.foot : origin - fit.foot
    let coarse = Edge(
      time: series.time(of: index),
      uncertainty: Double((fit.high - fit.low + 1) * width) / 2, rampSeconds: ramp)
    let scale = width / bucket
    guard scale > 1, width % bucket == 0 else { return coarse }
    let reach = max(series.cells(Parameters.Spike.refineSeconds), min(fit.rise, 30))
    let range = max(0, index - reach)..<min(series.count, index + reach)
    var fine = traffic.fineCounts(in: series.span(of: range), bucketSeconds: bucket)
    guard fine.count == range.count * scale else { return coarse }
    var centre = (index - range.lowerBound) * scale
    if !ascending {
      fine.reverse()
      centre = fine.count - centre
    }
    let factor = dispersion.factor(at: fit.before)
    guard let near = fit.refined(fine, scale: scale, centre: centre, dispersion: factor) else {
      return coarse
    }
    let offset = Double((near.foot - centre) * bucket) * (ascending ? 1 : -1)
    let isStep = fit.rise == 0
    let half = Double((near.high - near.low + 1) * bucket) / 2
    return Edge(
      time: series.time(of: index).advanced(bySeconds: offset),
      uncertainty: isStep ? half : max(half, coarse.uncertainty),
      rampSeconds: fit.jump >= 0.5 ? 0 : max(0, ramp - (ascending ? offset : -offset)))
  }

  private func busiestMinute(of span: TimeSpan) -> (minute: Instant, rate: Double) {
    let width = Int64(max(60, series.widthSeconds))
    var best: (start: Int64, requests: Int) = (
      floorDivide(span.start.seconds, width) * width, 0
    )
    var minute = (start: best.start, requests: 0)
    let whole = TimeSpan(start: Instant(seconds: best.start), end: span.end)
    for bucket in traffic.buckets(in: whole) {
      let start = floorDivide(bucket.start, width) * width
      if start != minute.start { minute = (start, 0) }
      minute.requests += bucket.counts.requests
      if minute.requests > best.requests { best = minute }
    }
    return (Instant(seconds: best.start), Double(best.requests) / Double(width))
  }
}

/// Logarithms of the table's probabilities.
enum LogOf {
  static let maximumSpikeTail = naturalLog(Parameters.Spike.maximumTail)
  static let maximumLossTail = naturalLog(Parameters.Loss.maximumTail)
}
