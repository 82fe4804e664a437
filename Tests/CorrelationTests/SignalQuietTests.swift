import FoundationEssentials
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Traffic in which nothing happens: a daily curve, swings of minutes and hours, nightly batches, pollers, weekends, a usual share of failures.
struct QuietArchive {
  var seed: UInt64
  var days: Double
  static let bucketSeconds = 5

  /// The seed chooses height, curve, noise and habits.
  func traffic() -> (traffic: ServiceTraffic, window: TimeSpan) {
    var noise = SeededNoise(seed: seed)
    let heights = [0.05, 0.2, 1, 3, 10, 40, 150]
    let height = heights[Int(noise.bits() % 7)] * (0.7 + 0.6 * noise.uniform())
    let curve = 0.9 * noise.uniform()
    let hasBatch = noise.uniform() < 0.4
    let hasPollers = noise.uniform() < 0.4
    let isOffice = noise.uniform() < 0.2
    let hasWeekend = noise.uniform() < 0.5
    let swing = 0.02 + 0.1 * noise.uniform()
    let failedShare = [0, 0.0005, 0.003, 0.02, 0.05][Int(noise.bits() % 5)]
    let slowness = 40 + 400 * noise.uniform()
    let start: Int64 = 1_529_884_800 + Int64(noise.bits() % 86_400) / 60 * 60
    let seconds = Int(days * 86_400)
    var level = 0.0
    var slow = 0.0
    var buckets: [ServiceTraffic.Bucket] = []
    var latency: [ServiceTraffic.Latency] = []
    for offset in stride(from: 0, to: seconds, by: Self.bucketSeconds) {
      if offset % 60 == 0 {
        level = 0.9 * level + swing * 0.44 * noise.normal()
        slow = 0.99 * slow + swing * 0.14 * noise.normal()
      }
      let time = start + Int64(offset)
      let day = Double(time % 86_400) / 86_400
      // A parabola twice is near enough to a sine and needs no library.
      let phase = day < 0.5 ? 16 * day * (0.5 - day) : -16 * (day - 0.5) * (1 - day)
      var rate = height * (1 - curve * phase) * max(0.1, 1 + level + slow)
      if isOffice {
        // People come and go over an hour.
        let present = min(1, max(0, min((day * 24 - 7.5), (18.5 - day * 24))))
        rate *= 0.1 + 0.9 * present
      }
      if hasWeekend, (time / 86_400 + 4) % 7 == 0 || (time / 86_400 + 4) % 7 == 6 { rate *= 0.65 }
      if hasBatch, time % 86_400 >= 7_200, time % 86_400 < 9_000 { rate += 4 * height }
      var count = noise.poisson(rate * Double(Self.bucketSeconds))
      if hasPollers { count += time % 10 == 0 ? 3 : 0 }
      let failed = noise.binomial(count, failedShare)
      if offset % 60 == 0 {
        let busy = min(1.6, 1 + 0.6 * max(0, rate / height - 1))
        let p50 = slowness * busy * (0.9 + 0.2 * noise.uniform())
        let tail = noise.uniform() < 0.02 ? 12 : 2.5 + noise.uniform()
        latency.append(
          ServiceTraffic.Latency(
            start: time, widthSeconds: 60, count: Int(rate * 60), p50: p50, p95: p50 * tail,
            p99: p50 * tail * 2))
      }
      guard count > 0 else { continue }
      var counts = BucketCounts()
      counts.answered = UInt32(count - failed)
      counts.status500 = UInt32(failed)
      counts.timed = UInt32(count)
      counts.durationSum = UInt64(Double(count) * slowness * 1_200)
      buckets.append(ServiceTraffic.Bucket(start: time, counts: counts))
    }
    let traffic = ServiceTraffic(name: "quiet-\(seed)", buckets: buckets, latency: latency)
    let window = TimeSpan(
      start: Instant(seconds: start), end: Instant(seconds: start + Int64(seconds)))
    return (traffic, window)
  }

  func signal() -> ServiceSignal {
    let (traffic, window) = traffic()
    return SignalDetection.signal(
      of: traffic, bucketSeconds: Self.bucketSeconds, window: window, gaps: [],
      options: AnalysisOptions())
  }
}

struct QuietTests {
  private static let askedDays: Double? =
    ProcessInfo.processInfo.environment["FLOODMARK_QUIET_DAYS"].flatMap { Double($0) }

  @Test func `a dozen quiet days have no incident`() {
    var days = 0.0
    for (seed, length) in zip(1..., [0.25, 1, 0.5, 2.5, 1, 0.25, 3.5, 1, 2]) {
      let signal = QuietArchive(seed: UInt64(seed), days: length).signal()
      #expect(signal.incidents.isEmpty, "seed \(seed), \(length) days")
      days += length
    }
    #expect(days >= 12)
  }

  @Test(.enabled(if: QuietTests.askedDays != nil))
  func `hundreds of quiet service-days have no incident`() {
    let asked = QuietTests.askedDays ?? 0
    var days = 0.0
    var incidents = 0
    var spikes = 0
    var seed: UInt64 = 100
    while days < asked {
      let length = [0.1, 0.25, 0.5, 1, 1, 2, 3.5, 8][Int(seed % 8)]
      let signal = QuietArchive(seed: seed, days: length).signal()
      days += length
      incidents += signal.incidents.count
      spikes += signal.spikes.count
      for incident in signal.incidents {
        print(
          "seed \(seed), \(length) days: \(incident.detectedBy) at \(incident.span.start.seconds % 86_400 / 60) min, \(incident.span.seconds) s, rate \(signal.baseline.rate(at: incident.span.start)), \(signal.baseline.dispersion)"
        )
      }
      seed += 1
    }
    print("\(Int(days)) quiet service-days: \(incidents) incidents, \(spikes) spikes")
    #expect(incidents == 0)
  }
}
