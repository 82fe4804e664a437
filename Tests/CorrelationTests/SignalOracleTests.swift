import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// The methods held against exact computations on small inputs.
struct SignalOracleTests {
  @Test func `the step fit is the split of greatest likelihood`() {
    var noise = SeededNoise(seed: 21)
    for _ in 0..<50 {
      let counts = (0..<30).map { noise.poisson($0 < 12 ? 6 : 14) }
      var best: (score: Double, foot: Int) = (-.infinity, 0)
      for foot in 2..<28 {
        let left = counts[..<foot].reduce(0, +)
        let right = counts[foot...].reduce(0, +)
        guard Double(right) / Double(30 - foot) > Double(left) / Double(foot) else { continue }
        let score = ChangeEdge.flat(left, over: foot) + ChangeEdge.flat(right, over: 30 - foot)
        if score > best.score { best = (score, foot) }
      }
      let fit = ChangeEdge.fit(counts, feet: 0..<30, rises: [], jumps: [], dispersion: 1)
      #expect(fit?.foot == best.foot, "\(counts)")
    }
  }

  @Test func `a noiseless ramp is found exactly`() {
    let ramp = (0..<30).map { 105 + 10 * $0 }
    let counts =
      [Int](repeating: 100, count: 20) + ramp + [Int](repeating: 400, count: 30)
    let fit = ChangeEdge.fit(
      counts, feet: 2..<70, rises: [6, 12, 18, 24, 30, 42], jumps: [0, 0.5], dispersion: 1)
    #expect(fit?.foot == 20)
    #expect(fit?.rise == 30)
    #expect(fit?.jump == 0)
  }

  @Test func `the bound on a tail is above the exact tail and not far above it`() {
    // Poisson: sum of the probabilities from x on, by recurrence.
    for (mean, count) in [(5.0, 12), (20.0, 45), (60.0, 100)] {
      var term = 1.0
      var before = 0.0
      var after = 0.0
      var scale = 0.0
      for k in 0..<400 {
        if k > 0 { term *= mean / Double(k) }
        scale += term
        if k >= count { after += term } else { before += term }
      }
      let exact = naturalLog(after / scale)
      let bound = CountTail.logBound(count: count, expected: mean, dispersion: 1)
      #expect(bound >= exact)
      #expect(bound <= exact + 4)
      #expect(before > 0)
    }
    // Negative binomial with variance 3 × mean: size r = m/2, success 1/3.
    let mean = 30.0
    let size = 15.0
    var term = 1.0
    var scale = 0.0
    var after = 0.0
    for k in 0..<2_000 {
      if k > 0 { term *= (Double(k) - 1 + size) / Double(k) * (2.0 / 3) }
      scale += term
      if k >= 80 { after += term }
    }
    let exact = naturalLog(after / scale)
    let bound = CountTail.logBound(count: 80, expected: mean, dispersion: 3)
    #expect(bound >= exact && bound <= exact + 4)
    #expect(CountTail.logBound(count: 30, expected: 30, dispersion: 3) == 0)
    #expect(CountTail.logBound(count: 3, expected: 0, dispersion: 1) == -.infinity)
  }

  @Test func `dispersion is one for chance alone and follows what is planted`() {
    for (planted, low, high) in [(1.0, 1.0, 1.8), (4.0, 2.2, 7.0), (10.0, 5.5, 17.0)] {
      var builder = TrafficBuilder("50x14400", seed: 22)
      builder.dispersion = planted
      let found = signal(builder).baseline.dispersion
      #expect((low...high).contains(found), "planted \(planted), found \(found)")
    }
  }

  @Test func `a free line and a tied line agree with the normal equations`() {
    let fit = LineFit([12, 14, 16, 18][...], from: 11)
    #expect(abs(fit.free) < 1e-9)
    #expect(abs(fit.tied) < 1e-9)
    #expect(abs(fit.level - 11) < 1e-9)
    let jumped = LineFit([20, 20, 20, 20][...], from: 10)
    #expect(abs(jumped.free) < 1e-9)
    #expect(jumped.tied > 10)
    #expect(abs(jumped.level - 20) < 1e-9)
  }

  @Test func `prefix sums agree with plain ones, and gaps are not known`() {
    let builder = TrafficBuilder("3x100 7x100 2x100", failed: ".5x300", seed: 23)
    let traffic = builder.traffic()
    let gap = TimeSpan(builder, 55, 75)
    let series = CountSeries(traffic, widthSeconds: 10, span: builder.window, gaps: [gap])
    #expect(series.count == 30)
    #expect(series.requests(in: 3..<17) == series.requests[3..<17].reduce(0, +))
    #expect(series.failed(in: 0..<30) == traffic.buckets.reduce(0) { $0 + $1.counts.failed })
    #expect(series.known.indices.filter { !series.known[$0] } == [5, 6, 7])
  }
}

extension TimeSpan {
  /// A stretch by its seconds after the origin.
  init(_ builder: TrafficBuilder, _ from: Int, _ to: Int) {
    self.init(start: builder.time(from), end: builder.time(to))
  }
}

struct PartialCellTests {
  @Test func `cells that the lines reach only in part are no baseline`() throws {
    // A log that begins 1 s before a full 10 s, and ends 3 s into one.
    let origin = Int64(1_530_000_000)
    var traffic = ServiceTraffic(name: "a", buckets: [])
    for second in -1..<1_803 {
      var counts = BucketCounts()
      counts.answered = second < 1_200 ? 8 : 24
      traffic.buckets.append(
        ServiceTraffic.Bucket(start: origin + Int64(second), counts: counts))
    }
    let span = TimeSpan(
      start: Instant(seconds: origin - 1), end: Instant(seconds: origin + 1_803))
    let series = CountSeries(traffic, widthSeconds: 10, span: span, gaps: [])
    #expect(series.known.first == false)
    #expect(series.known.last == false)
    #expect(series.knownRange.count == 180)
    #expect(series.requests(in: 0..<1) == 8)
    let found = SignalDetection.signal(
      of: traffic, bucketSeconds: 1, window: span, gaps: [], options: AnalysisOptions())
    let spike = try #require(found.spikes.first)
    #expect(abs(spike.baselineRate - 8) < 0.01)
    #expect(abs(spike.onset.seconds(since: Instant(seconds: origin + 1_200))) <= 1)
  }
}
