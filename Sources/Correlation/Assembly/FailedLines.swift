internal import IncidentModel
internal import TrafficTally

/// Lines of failed requests, wherever the tally has kept them.
///
/// Of each stratum and class three lines are kept as proof. Where many services over a long time have widened the strata, none of the three may be near a moment; but the sample keeps lines too, and so do the followed clients of those of their requests that failed.
enum FailedLines {
  /// The failed line nearest to a moment inside a span, of equally near ones one kept as proof.
  static func nearest(
    to moment: Instant, in span: TimeSpan, of signal: ServiceSignal
  ) -> Exemplar? {
    let kept = Exemplars.nearest(to: moment, .failed, in: span, of: signal.traffic)
    if let kept, kept.arrival == moment { return kept }
    func distance(_ line: Exemplar) -> Double { abs(line.arrival.seconds(since: moment)) }
    func rank(_ line: Exemplar) -> (Double, Instant, LogPosition) {
      (distance(line), line.arrival, line.position)
    }
    let others = sampled(in: span, signal.traffic) + followed(in: span, signal.clients)
    guard let other = others.min(by: { rank($0) < rank($1) }) else { return kept }
    return kept.map { distance($0) <= distance(other) ? $0 : other } ?? other
  }

  private static func sampled(in span: TimeSpan, _ traffic: ServiceTraffic) -> [Exemplar] {
    traffic.sample.flatMap { stratum in
      stratum.requests.compactMap { request in
        guard let text = request.text, request.outcome == .failed, span.contains(request.arrival)
        else { return nil }
        return Exemplar(
          stratum: stratum.start, outcome: request.outcome, role: .chosen,
          arrival: request.arrival, status: request.status, position: request.position, text: text)
      }
    }
  }

  private static func followed(in span: TimeSpan, _ clients: ClientStory?) -> [Exemplar] {
    (clients?.trails.clients ?? []).flatMap { client in
      client.trail.texts.isEmpty
        ? []
        : client.events.compactMap { event in
          guard event.outcome == .failed, span.contains(event.arrival),
            let text = client.trail.text(at: event.position)
          else { return nil }
          return ClientStory.exemplar(event, text)
        }
    }
  }
}
