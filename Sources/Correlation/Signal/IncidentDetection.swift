internal import IncidentModel
internal import TrafficTally

/// Joins failing, slow and silent stretches into incidents and says how each ended (METHODS §5).
///
/// A maximal interval in which at least one holds, joined over pauses under 5 min. Edges of errors are the first and last finest bucket with a failure.
/// *Open*: it reaches the last minute of the service's lines. *Partly*: afterwards, over 5 min or more, the failed ratio stays ≥ 3 × its baseline and ≥ .5 %, in the last 5 min too.
struct IncidentDetection {
  let traffic: ServiceTraffic
  let bucketSeconds: Int
  let series: CountSeries
  let errors: ErrorIntervals
  let baselineRatio: Double

  struct Part {
    var span: TimeSpan
    var detection: Incident.Detection
    var startUncertainty: Double
    var endUncertainty: Double
  }

  /// The error stretches that are bad enough, after their pauses were joined.
  func errorParts(_ failing: [Range<Int>]) -> [Part] { failing.map(errorPart) }

  private func errorPart(_ range: Range<Int>) -> Part {
    var span = series.span(of: range)
    let first = series.span(of: range.lowerBound..<range.lowerBound + 1)
    let last = series.span(of: range.upperBound - 1..<range.upperBound)
    if let bucket = traffic.buckets(in: first).first(where: { $0.counts.failed > 0 }) {
      span.start = Instant(seconds: bucket.start)
    }
    if let bucket = traffic.buckets(in: last).last(where: { $0.counts.failed > 0 }) {
      span.end = Instant(seconds: bucket.start + Int64(bucketSeconds))
    }
    let minute = series.cells(60)
    let head = range.lowerBound..<min(range.lowerBound + minute, range.upperBound)
    let tail = max(range.upperBound - minute, range.lowerBound)..<range.upperBound
    return Part(
      span: span, detection: .errors, startUncertainty: spacing(head),
      endUncertainty: spacing(tail))
  }

  /// Seconds between failures: how far from the edge the first one may lie by chance.
  private func spacing(_ range: Range<Int>) -> Double {
    let failed = max(1, series.failed(in: range))
    let mean = Double(range.count * series.widthSeconds) / Double(failed)
    return max(Double(bucketSeconds) / 2, min(60, mean.rounded(.up)))
  }

  func parts(_ ranges: [Range<Int>], _ detection: Incident.Detection) -> [Part] {
    ranges.map {
      let half = Double(series.widthSeconds) / 2
      return Part(
        span: series.span(of: $0), detection: detection, startUncertainty: half,
        endUncertainty: half)
    }
  }

  /// The incidents in order of start.
  func incidents(_ parts: [Part]) -> [DetectedIncident] {
    let ordered = parts.sorted {
      ($0.span.start, $0.span.end, $0.detection.rawValue)
        < ($1.span.start, $1.span.end, $1.detection.rawValue)
    }
    var found: [DetectedIncident] = []
    for part in ordered {
      if var last = found.last,
        part.span.start.seconds(since: last.span.end) < Parameters.Incidents.joinSeconds
      {
        if part.span.end > last.span.end {
          last.span.end = part.span.end
          last.endUncertaintySeconds = part.endUncertainty
        }
        if last.detectedBy == [.latency], part.detection == .errors, isAlike(last, part) {
          // The bucket of the first failure is known better than the cell in which it got slow.
          last.span.start = part.span.start
          last.startUncertaintySeconds = part.startUncertainty
        }
        if !last.detectedBy.contains(part.detection) { last.detectedBy.append(part.detection) }
        found[found.count - 1] = last
      } else {
        found.append(
          DetectedIncident(
            span: part.span, startUncertaintySeconds: part.startUncertainty,
            endUncertaintySeconds: part.endUncertainty, endState: .recovered,
            detectedBy: [part.detection]))
      }
    }
    for index in found.indices {
      found[index].detectedBy = Incident.Detection.allCases.filter(found[index].detectedBy.contains)
      let next = index + 1 < found.count ? found[index + 1].span.start : nil
      found[index].endState = endState(of: found[index].span, next: next)
      if found[index].endState == .openAtEndOfInput {
        // What lasts to within a minute of the end is not known to have ended before it.
        found[index].span.end = max(lastLine, found[index].span.start.advanced(bySeconds: 1))
        found[index].endUncertaintySeconds = 0
      }
    }
    return found
  }

  /// It failed from the cell on in which it got slow, or from the next.
  private func isAlike(_ slow: DetectedIncident, _ failing: Part) -> Bool {
    let gap = failing.span.start.seconds(since: slow.span.start)
    guard gap >= 0, gap < Double(2 * series.widthSeconds) else { return false }
    let between = TimeSpan(start: slow.span.start, end: failing.span.start)
    return traffic.buckets(in: between).allSatisfy { $0.counts.failed == 0 }
  }

  /// The end of the last bucket with a line, which lies inside a cell as a rule.
  private var lastLine: Instant {
    let end = endOfInput
    guard let bucket = traffic.buckets.last else { return end }
    let last = Instant(seconds: bucket.start.addingSaturated(Int64(bucketSeconds)))
    return abs(last.seconds(since: end)) < Double(series.widthSeconds) ? last : end
  }

  private var endOfInput: Instant { series.span(of: series.knownRange).end }

  private func endState(of span: TimeSpan, next: Instant?) -> Incident.EndState {
    let end = endOfInput
    if end.seconds(since: span.end) < 60 { return .openAtEndOfInput }
    let rest = TimeSpan(start: span.end, end: next ?? end)
    guard rest.seconds >= Parameters.Incidents.partlySeconds else { return .recovered }
    let lastMinutes = TimeSpan(
      start: rest.end.advanced(bySeconds: -Parameters.Incidents.partlySeconds), end: rest.end)
    return stays(above: rest) && stays(above: lastMinutes) ? .partly : .recovered
  }

  private func stays(above span: TimeSpan) -> Bool {
    let range = series.range(of: span)
    let requests = series.requests(in: range)
    let failed = series.failed(in: range)
    let least = max(
      Parameters.Incidents.partlyRatio, Parameters.Incidents.partlyFactor * baselineRatio)
    return requests > 0 && Double(failed) >= least * Double(requests)
      && (failed >= Parameters.Incidents.partlyFailed || Double(failed) >= 0.1 * Double(requests))
  }
}
