internal import Glibc
internal import IncidentModel
internal import TrafficTally

/// Stretches in which the failed ratio left its baseline (METHODS §5).
///
/// CUSUM of binomial log-likelihood steps per cell, f·ln(p₁/p₀) + (n − f)·ln((1 − p₁)/(1 − p₀)), p₀ = max(baseline, .0005), p₁ = max(.01, 5p₀) but ≤ (1 + p₀)/2, alarm at 21·φ, capped at 42·φ; φ from ``UsualFailures``.
/// The end comes from the same sum run backwards from where it returned to 0: uncapped it would end an hour late.
/// Inside, the edges are those of the segment with the greatest sum for p₁′ = max(p₁, ¼ of the ratio that its failed requests met), cut to cells with a failure whose 60 s ratio is ≥ p₁, and from there to the first and last finest bucket with a failure.
/// No incident: a ratio under p₁ over the whole, under 60 s, under 3 cells with failures, or under 20 failed unless half of at least 10 requests failed.
///
/// - Complexity: O(cells).
struct ErrorIntervals {
  let series: CountSeries
  let normal: Double
  let alternative: Double
  /// Sums beyond it are no chance: the likelihoods of failures that come in bursts weigh as much less as those vary more (quasi-likelihood).
  private let alarm: Double

  init(_ series: CountSeries, usual: UsualFailures) {
    self.series = series
    normal = min(0.98, max(usual.ratio, Parameters.Errors.floorRatio))
    alternative = Self.alternative(to: usual.ratio)
    alarm = Parameters.Errors.alarm * usual.dispersion
  }

  /// p₁ for a baseline ratio.
  static func alternative(to baselineRatio: Double) -> Double {
    let normal = min(0.98, max(baselineRatio, Parameters.Errors.floorRatio))
    let raised = max(Parameters.Errors.minimumRatio, Parameters.Errors.ratioFactor * normal)
    return min(raised, (1 + normal) / 2)
  }

  /// The weights of one failed and of one other request in a step.
  private func weights(_ alternative: Double) -> (failed: Double, other: Double) {
    (log(alternative / normal), log((1 - alternative) / (1 - normal)))
  }

  /// Disjoint stretches of cells, ascending.
  func stretches() -> [Range<Int>] {
    var found: [Range<Int>] = []
    for excursion in excursions() {
      found += segments(of: excursion).compactMap(cut)
    }
    return found.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// From the last zero before an alarm to where the backward sum begins to rise.
  private func excursions() -> [Range<Int>] {
    let weights = weights(alternative)
    var found: [Range<Int>] = []
    var sum = 0.0
    var zero = 0
    var isAlarmed = false
    for index in 0..<series.count {
      sum = min(2 * alarm, sum + value(index, weights))
      if sum > alarm { isAlarmed = true }
      guard sum <= 0 else { continue }
      if isAlarmed { found.append(zero..<backwardEnd(zero..<index + 1, weights)) }
      sum = 0
      zero = index + 1
      isAlarmed = false
    }
    if isAlarmed { found.append(zero..<series.count) }
    return found
  }

  private func value(_ index: Int, _ weights: (failed: Double, other: Double)) -> Double {
    let failed = series.failed[index]
    return Double(failed) * weights.failed
      + Double(series.requests[index] - failed) * weights.other
  }

  private func backwardEnd(
    _ range: Range<Int>, _ weights: (failed: Double, other: Double)
  ) -> Int {
    var sum = 0.0
    var zero = range.upperBound
    for index in range.reversed() {
      sum += value(index, weights)
      if sum > alarm { return zero }
      if sum <= 0 {
        sum = 0
        zero = index
      }
    }
    return range.upperBound
  }

  /// The failed ratio of the minute in which a failed request falls, on average: Σ f²/n ÷ Σ f over minutes.
  ///
  /// A mild tail as long as the outage halves the plain ratio, and would then count as part of it.
  private func ratioMet(in range: Range<Int>) -> Double {
    var weighted = 0.0
    for low in stride(from: range.lowerBound, to: range.upperBound, by: series.cells(60)) {
      let minute = low..<min(low + series.cells(60), range.upperBound)
      let failed = Double(series.failed(in: minute))
      if failed > 0 { weighted += failed * failed / Double(series.requests(in: minute)) }
    }
    let failed = series.failed(in: range)
    return failed > 0 ? weighted / Double(failed) : 0
  }

  /// The segments of greatest sum, each alarming by itself.
  private func segments(of excursion: Range<Int>) -> [Range<Int>] {
    let ratio = ratioMet(in: excursion)
    let edge = min(
      (1 + normal) / 2, max(alternative, Parameters.Errors.edgeShare * ratio))
    let weights = weights(edge)
    var found: [Range<Int>] = []
    var open = [excursion]
    while let range = open.popLast(), found.count < 1_000 {
      guard let best = greatest(range, weights) else { continue }
      found.append(best)
      open.append(range.lowerBound..<best.lowerBound)
      open.append(best.upperBound..<range.upperBound)
    }
    return found
  }

  /// Kadane's segment of greatest sum; nil where it is under the alarm.
  private func greatest(
    _ range: Range<Int>, _ weights: (failed: Double, other: Double)
  ) -> Range<Int>? {
    var best = (sum: 0.0, range: range.lowerBound..<range.lowerBound)
    var sum = 0.0
    var low = range.lowerBound
    for index in range {
      sum += value(index, weights)
      if sum <= 0 {
        sum = 0
        low = index + 1
      } else if sum > best.sum {
        best = (sum, low..<index + 1)
      }
    }
    return best.sum > alarm ? best.range : nil
  }

  private func cut(_ range: Range<Int>) -> Range<Int>? {
    let reach = series.cells(Parameters.Errors.edgeWindowSeconds)
    func isFailing(_ index: Int, _ window: Range<Int>) -> Bool {
      guard series.failed[index] > 0 else { return false }
      let requests = series.requests(in: window.clamped(to: 0..<series.count))
      return Double(series.failed(in: window.clamped(to: 0..<series.count)))
        >= alternative * Double(requests)
    }
    guard let low = range.first(where: { isFailing($0, $0..<$0 + reach) }),
      let high = range.last(where: { isFailing($0, $0 + 1 - reach..<$0 + 1) }), low <= high
    else { return nil }
    return low..<high + 1
  }

  /// The stretches that are bad enough, after pauses under 5 min were joined.
  func incidents() -> [Range<Int>] {
    var joined: [Range<Int>] = []
    let pause = series.cells(Int(Parameters.Incidents.joinSeconds))
    for stretch in stretches() {
      if let last = joined.last, stretch.lowerBound - last.upperBound < pause {
        joined[joined.count - 1] =
          last.lowerBound..<max(last.upperBound, stretch.upperBound)
      } else {
        joined.append(stretch)
      }
    }
    return joined.filter(isIncident)
  }

  /// Whether a joined stretch is bad enough for an incident.
  func isIncident(_ range: Range<Int>) -> Bool {
    let requests = series.requests(in: range)
    let failed = series.failed(in: range)
    guard requests > 0, Double(failed) >= alternative * Double(requests) else { return false }
    let seconds = Double(range.count * series.widthSeconds)
    let cells = range.reduce(0) { $0 + (series.failed[$1] > 0 ? 1 : 0) }
    let least =
      series.widthSeconds > Parameters.Cells.detectionSeconds ? 1 : Parameters.Errors.minimumCells
    guard seconds >= Parameters.Errors.minimumSeconds, cells >= least else { return false }
    return failed >= Parameters.Errors.minimumFailed
      || (requests >= Parameters.Errors.smallRequests
        && Double(failed) >= Parameters.Errors.smallRatio * Double(requests))
  }
}
