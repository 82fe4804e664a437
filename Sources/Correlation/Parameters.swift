package import IncidentModel

/// The named constants of the signal's methods, in one table (METHODS §3–§5, §7).
///
/// Durations are seconds unless the name says otherwise; the appendix of a report shows ``all``.
package enum Parameters {
  /// How wide the cells of detection are and how many of them a service may have.
  package enum Cells {
    package static let detectionSeconds = 10
    package static let impactSeconds = 60
    /// Beyond this number of detection cells they get wider.
    package static let limit = 600_000
    /// Beyond this number of impact cells they get wider.
    package static let impactLimit = 200_000
    /// Silence that parts stray lines from the main stretch where the inputs span too much.
    package static let strayGapSeconds = 3 * 86_400
  }

  /// What counts as normal (METHODS §3).
  package enum Normal {
    package static let trailingSeconds = 3_600
    package static let guardSeconds = 300
    package static let firstSeconds = 600
    /// Minutes on each side of the same minute of an earlier day or week.
    package static let neighbourMinutes = 2
    package static let minimumPeriods = 2
    package static let maximumPeriods = 14
    /// A rise that stays this long is a change of level.
    package static let levelSeconds = 4 * 3_600
    /// A rise that takes this long to nine tenths of its height is a change of level.
    package static let slowRiseSeconds = 3_600
    /// A rise too small for a spike that stays steady this long is a level, and by how much its second half may be above its first.
    package static let settledSeconds = 1_800
    package static let settledGrowth = 1.1
    /// Widths of the sums whose largest variance ÷ mean is the dispersion.
    package static let dispersionSeconds = [10, 60, 300]
    package static let maximumDispersion = 1_000.0
    /// Log-likelihood by which a change inside the first minutes cuts them short.
    package static let firstCut = 12.0
  }

  /// First minutes that are no baseline (METHODS §3).
  package enum Opening {
    package static let longestSeconds = 1_800
    /// Failures that begin this soon began before the logs.
    package static let failingSeconds = 120
    /// Part by which the halves of a level may differ.
    package static let levelTolerance = 0.25
    /// Part of a level at which it is reached.
    package static let reached = 0.95
    /// Parts of the level behind it that are nearly nothing, and nothing.
    package static let little = 0.15
    package static let nothing = 0.03
    /// What the first third has of the first tenth, at least, where traffic grows from nothing.
    package static let growth = 1.5
    /// A shorter opening is no baseline for half an hour, whatever it has under this part of the level.
    package static let shortSeconds = 180
    package static let shortRatio = 0.75
    /// Minutes within this part of the level keep it, minutes under that have fallen back.
    package static let kept = 0.67
    package static let fallen = 0.5
    package static let keptMinutes = 15
    package static let keptMinutesAfterMore = 30
    package static let backMinutes = 10
    /// Later runs of a job that the logs begin in, the part of its height that each has at least, and one part in so many of the time that they take at most.
    package static let jobRuns = 2
    package static let jobHeight = 0.5
    package static let jobCover = 3
  }

  /// Rises of the arrivals (METHODS §4).
  package enum Spike {
    /// Expected count per cell from which the plain residual is used, Anscombe's below.
    package static let plainResidualCount = 10.0
    package static let allowance = 0.5
    package static let allowancePerRoot = 0.225
    package static let alarm = 12.0
    package static let footBeforeSeconds = 900
    package static let footAfterSeconds = 420
    package static let footContextSeconds = 600
    package static let levelContextSeconds = 300
    package static let riseSeconds = [
      20, 30, 40, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1_200, 1_800,
    ]
    /// Parts of the height that a step may take at once before the line begins.
    package static let jumps = [0.0, 0.3, 0.6]
    /// Part of the height that a jump before a line has at least.
    package static let leastJump = 0.1
    /// Log-likelihood that each further parameter of the shape costs.
    package static let shapePenalty = 3.0
    package static let likelihoodInterval = 2.0
    package static let refineSeconds = 60
    package static let minimumRatio = 1.5
    /// Sampling errors by which a ratio may be under the minimum.
    package static let ratioErrors = 2.0
    package static let minimumSeconds = 60.0
    package static let minimumExcess = 50.0
    package static let maximumTail = 1e-7
  }

  /// Intervals in which requests failed (METHODS §5).
  package enum Errors {
    package static let floorRatio = 0.0005
    package static let minimumRatio = 0.01
    package static let ratioFactor = 5.0
    package static let alarm = 21.0
    package static let edgeShare = 0.25
    package static let edgeWindowSeconds = 60
    package static let minimumSeconds = 60.0
    package static let minimumCells = 3
    package static let minimumFailed = 20
    package static let smallRatio = 0.5
    package static let smallRequests = 10
    /// Requests per block and number of blocks whose lowest decile is the first guess of normal.
    package static let blockRequests = 1_000
    package static let blockSeconds = 300
    package static let blocks = 10
    /// Failures expected in a block whose variation counts, and the most that variation may take from the alarm.
    package static let blockFailed = 5.0
    package static let mostDispersion = 10.0
    /// Where nine tenths of the blocks fail at least so much, a block that fails this many times less is the calm before an outage.
    package static let earnest = 0.05
    package static let calmFactor = 5.0
  }

  /// Failures that come in bursts all day (METHODS §5).
  package enum Bursts {
    package static let pauseSeconds = 60
    package static let hotFailed = 4
    package static let hotErrors = 5.0
    package static let leastFailed = 10
    /// Least ratio of the quartiles.
    package static let leastSpread = 1.4
    package static let leastCount = 6
    /// Shorter logs may lie within an outage as a whole.
    package static let leastSeconds = 3 * 3_600
    /// They fill one part in so many of the time at most.
    package static let mostCover = 10
    /// A pause of more than so many middle ones breaks the habit.
    package static let longestPause = 4.0
    /// The same in shorter logs.
    package static let longestPauseOfFew = 3.0
  }

  /// Intervals in which answers were slow (METHODS §5).
  package enum Slowness {
    package static let tailFactor = 3.0
    package static let tailMilliseconds = 200.0
    package static let medianFactor = 2.0
    package static let minutes = 3
    package static let minimumRequests = 200
    package static let farFactor = 10.0
    package static let farMilliseconds = 1_000.0
    package static let farMinutes = 5
    package static let farRequests = 20
    package static let edgeFactor = 3.0
  }

  /// Intervals in which requests stayed away (METHODS §5).
  package enum Loss {
    package static let ratio = 0.5
    /// With less than two days of baseline.
    package static let shortBaselineRatio = 0.2
    package static let minimumSeconds = 120.0
    package static let minimumExpected = 50.0
    package static let maximumTail = 1e-9
    package static let windowSeconds = 60
    package static let lookBackSeconds = 7_200
    package static let riseSearchSeconds = 43_200
    package static let riseFactor = 1.5
    package static let abruptShare = 0.75
  }

  /// How intervals become incidents and when they are over.
  package enum Incidents {
    package static let joinSeconds = 300.0
    /// A failed ratio above this multiple of the baseline after the end is no full recovery.
    package static let partlyFactor = 3.0
    package static let partlyRatio = 0.005
    package static let partlySeconds = 300.0
    package static let partlyFailed = 20
    package static let worstMinuteRequests = 20
    /// The worst span is above this part of the worst minute's failed ratio.
    package static let worstShare = 0.5
  }

  /// Who the excess is (METHODS §7).
  package enum Excess {
    package static let minimumShareOfBaseline = 0.2
    package static let minimumRequests = 50.0
    package static let minimumSampled = 100
    package static let namedShare = 0.05
    package static let namedPerDimension = 3
    package static let named = 8
    package static let singleEndpointShare = 0.6
    package static let singleEndpointFactor = 1.5
    package static let intervalFactor = 1.96
  }

  /// Services that may have logged the same requests, and stretches without lines (METHODS §3, §5).
  package enum Coverage {
    package static let alikeTolerance = 0.05
    package static let alikeShare = 0.8
    package static let alikeMinutes = 10
    package static let gapLogProbability = -23.0
    package static let gapContextMinutes = 30
    package static let gapSameStopMinutes = 2
    package static let gapTakeOverShare = 0.5
    package static let gapLimit = 1_000
    package static let rejectLines = 10
    package static let rejectRatio = 2.0
  }

  /// Every single-valued constant under the name by which the report's appendix shows it.
  package static let all: [Parameter] = normal + spike + incident + composition

  private static let normal = [
    Parameter(name: "normal.trailing_s", value: Double(Normal.trailingSeconds)),
    Parameter(name: "normal.guard_s", value: Double(Normal.guardSeconds)),
    Parameter(name: "normal.first_s", value: Double(Normal.firstSeconds)),
    Parameter(name: "normal.level_s", value: Double(Normal.levelSeconds)),
    Parameter(name: "normal.slow_rise_s", value: Double(Normal.slowRiseSeconds)),
    Parameter(name: "normal.settled_s", value: Double(Normal.settledSeconds)),
    Parameter(name: "opening.longest_s", value: Double(Opening.longestSeconds)),
    Parameter(name: "opening.little", value: Opening.little),
    Parameter(name: "opening.nothing", value: Opening.nothing),
    Parameter(name: "opening.kept_minutes", value: Double(Opening.keptMinutes)),
  ]

  private static let spike = [
    Parameter(name: "spike.allowance", value: Spike.allowance),
    Parameter(name: "spike.allowance_per_root", value: Spike.allowancePerRoot),
    Parameter(name: "spike.alarm", value: Spike.alarm),
    Parameter(name: "spike.shape_penalty", value: Spike.shapePenalty),
    Parameter(name: "spike.likelihood_interval", value: Spike.likelihoodInterval),
    Parameter(name: "spike.minimum_ratio", value: Spike.minimumRatio),
    Parameter(name: "spike.minimum_s", value: Spike.minimumSeconds),
    Parameter(name: "spike.minimum_excess", value: Spike.minimumExcess),
    Parameter(name: "spike.maximum_tail", value: Spike.maximumTail),
  ]

  private static let incident = [
    Parameter(name: "errors.floor_ratio", value: Errors.floorRatio),
    Parameter(name: "errors.minimum_ratio", value: Errors.minimumRatio),
    Parameter(name: "errors.ratio_factor", value: Errors.ratioFactor),
    Parameter(name: "errors.alarm", value: Errors.alarm),
    Parameter(name: "errors.most_dispersion", value: Errors.mostDispersion),
    Parameter(name: "errors.earnest", value: Errors.earnest),
    Parameter(name: "errors.calm_factor", value: Errors.calmFactor),
    Parameter(name: "errors.minimum_s", value: Errors.minimumSeconds),
    Parameter(name: "errors.minimum_failed", value: Double(Errors.minimumFailed)),
    Parameter(name: "bursts.least_count", value: Double(Bursts.leastCount)),
    Parameter(name: "bursts.least_s", value: Double(Bursts.leastSeconds)),
    Parameter(name: "bursts.longest_pause", value: Bursts.longestPause),
    Parameter(name: "latency.tail_factor", value: Slowness.tailFactor),
    Parameter(name: "latency.tail_ms", value: Slowness.tailMilliseconds),
    Parameter(name: "latency.median_factor", value: Slowness.medianFactor),
    Parameter(name: "latency.far_factor", value: Slowness.farFactor),
    Parameter(name: "latency.far_ms", value: Slowness.farMilliseconds),
    Parameter(name: "loss.ratio", value: Loss.ratio),
    Parameter(name: "loss.short_baseline_ratio", value: Loss.shortBaselineRatio),
    Parameter(name: "loss.minimum_s", value: Loss.minimumSeconds),
    Parameter(name: "loss.minimum_expected", value: Loss.minimumExpected),
    Parameter(name: "loss.maximum_tail", value: Loss.maximumTail),
    Parameter(name: "incident.join_s", value: Incidents.joinSeconds),
    Parameter(name: "incident.partly_factor", value: Incidents.partlyFactor),
    Parameter(name: "incident.worst_share", value: Incidents.worstShare),
  ]

  private static let composition = [
    Parameter(name: "excess.minimum_share", value: Excess.minimumShareOfBaseline),
    Parameter(name: "excess.minimum_requests", value: Excess.minimumRequests),
    Parameter(name: "excess.named_share", value: Excess.namedShare),
    Parameter(name: "excess.single_endpoint_share", value: Excess.singleEndpointShare),
    Parameter(name: "coverage.alike_tolerance", value: Coverage.alikeTolerance),
    Parameter(name: "coverage.alike_share", value: Coverage.alikeShare),
    Parameter(name: "coverage.gap_log_probability", value: Coverage.gapLogProbability),
    Parameter(name: "coverage.reject_lines", value: Double(Coverage.rejectLines)),
    Parameter(name: "coverage.reject_ratio", value: Coverage.rejectRatio),
  ]
}
