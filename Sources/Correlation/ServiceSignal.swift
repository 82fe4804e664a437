package import IncidentModel
package import TrafficTally

/// What was normal for one service, moment by moment (METHODS §3).
package struct Baseline: Sendable {
  package typealias Level = NormalSource.Level

  package var level: Level
  /// The stretch that it was learnt from; nil without requests.
  package var learntFrom: TimeSpan?
  /// Failures that come in bursts all day; they are part of ``failedRatio``.
  package var bursts: UsualFailureBursts?
  /// The first stretch of the logs, where it was unlike what follows.
  package var leftOut: NormalSource.LeftOut?
  /// Start of the first cell in seconds since the epoch, and the width of a cell.
  package var start: Int64
  package var widthSeconds: Int
  /// Expected arrivals per second, a value a cell.
  package var rates: [Double]
  /// The over-dispersion φ of the counts: variance ÷ mean.
  package var dispersion: Double
  /// Share of requests that failed when all was well.
  package var failedRatio: Double
  /// 95th percentile and median of latency when all was well, in milliseconds; nil without durations.
  package var p95Milliseconds: Double?
  package var p50Milliseconds: Double?

  package init(
    level: Level, start: Int64, widthSeconds: Int, rates: [Double], dispersion: Double,
    failedRatio: Double, p95Milliseconds: Double?, p50Milliseconds: Double?
  ) {
    self.level = level
    self.start = start
    self.widthSeconds = widthSeconds
    self.rates = rates
    self.dispersion = dispersion
    self.failedRatio = failedRatio
    self.p95Milliseconds = p95Milliseconds
    self.p50Milliseconds = p50Milliseconds
  }

  /// Expected arrivals per second at a moment; outside the cells the nearest one's.
  package func rate(at moment: Instant) -> Double {
    guard !rates.isEmpty else { return 0 }
    let index = floorDivide(moment.seconds - start, Int64(widthSeconds))
    return rates[Int(min(max(index, 0), Int64(rates.count - 1)))]
  }
}

/// A rise that passed the gates of METHODS §4, before anybody asks about capacity.
package struct DetectedSpike: Sendable {
  package var onset: Instant
  package var onsetUncertaintySeconds: Double
  package var rampSeconds: Double
  package var peakMinute: Instant
  package var end: Instant
  package var endUncertaintySeconds: Double
  package var isOpen: Bool
  package var baselineRate: Double
  package var peakRate: Double
  package var composition: Composition
  /// Lines of requests of each of the composition's parts.
  var partLines: [[Exemplar]] = []

  package init(
    onset: Instant, onsetUncertaintySeconds: Double, rampSeconds: Double, peakMinute: Instant,
    end: Instant, endUncertaintySeconds: Double, isOpen: Bool, baselineRate: Double,
    peakRate: Double, composition: Composition
  ) {
    self.onset = onset
    self.onsetUncertaintySeconds = onsetUncertaintySeconds
    self.rampSeconds = rampSeconds
    self.peakMinute = peakMinute
    self.end = end
    self.endUncertaintySeconds = endUncertaintySeconds
    self.isOpen = isOpen
    self.baselineRate = baselineRate
    self.peakRate = peakRate
    self.composition = composition
  }
}

/// An interval in which one service failed its users (METHODS §5), before causes are tested.
package struct DetectedIncident: Sendable {
  package var span: TimeSpan
  package var startUncertaintySeconds: Double
  package var endUncertaintySeconds: Double
  package var endState: Incident.EndState
  package var detectedBy: [Incident.Detection]

  package init(
    span: TimeSpan, startUncertaintySeconds: Double, endUncertaintySeconds: Double,
    endState: Incident.EndState, detectedBy: [Incident.Detection]
  ) {
    self.span = span
    self.startUncertaintySeconds = startUncertaintySeconds
    self.endUncertaintySeconds = endUncertaintySeconds
    self.endState = endState
    self.detectedBy = detectedBy
  }
}

/// Everything that the traffic alone tells of one service.
package struct ServiceSignal: Sendable {
  package var traffic: ServiceTraffic
  /// One-minute cells (or the tally's width) over the whole of the inputs.
  package var minutes: CellTable
  package var baseline: Baseline
  package var spikes: [DetectedSpike]
  package var incidents: [DetectedIncident]
  /// Minutes whose tail latency rose while the service held: the timeline tells them, no incident does.
  package var slowTails: [TimeSpan]
  /// What single clients tell; nil where the log names none.
  var clients: ClientStory?

  package init(
    traffic: ServiceTraffic, minutes: CellTable, baseline: Baseline, spikes: [DetectedSpike],
    incidents: [DetectedIncident], slowTails: [TimeSpan] = []
  ) {
    self.traffic = traffic
    self.minutes = minutes
    self.baseline = baseline
    self.spikes = spikes
    self.incidents = incidents
    self.slowTails = slowTails
  }
}
