internal import IncidentModel
internal import TrafficTally

/// The services of a run as the flows that they are: the outermost side of each is judged, the others are only shown.
struct FlowSides {
  /// One for each flow, with the backends of an inner side where the outer one names none.
  private(set) var outer: [ServiceSignal] = []
  /// Inner sides with what they tell of a time in which the outer one has no line.
  private(set) var alone: [ServiceSignal] = []
  private let signals: [ServiceSignal]

  init(_ signals: [ServiceSignal], _ vantages: Vantages) {
    self.signals = signals
    let names = Set(signals.map(\.traffic.name))
    for signal in signals {
      let name = signal.traffic.name
      // With --service the outer side may have been left out.
      if let root = vantages.outermost[name], names.contains(root) {
        let span = signals.first { $0.traffic.name == root }.flatMap(Self.span)
        if let span, let rest = Self.rest(of: signal, beyond: span) { alone.append(rest) }
        continue
      }
      var signal = signal
      if signal.traffic.backends.isEmpty {
        let inner = signals.filter { vantages.outermost[$0.traffic.name] == name }
        let sides = inner.filter { !$0.traffic.backends.isEmpty }
        // Several inner logs that name the same backends would count them twice.
        if sides.count == 1 { signal.traffic.backends = sides[0].traffic.backends }
      }
      outer.append(signal)
    }
  }

  /// Every service in the order of the signals: those that have a story with it, the others alone.
  func all(
    _ stories: [ServiceStory], _ alone: (ServiceSignal) -> ServiceStory
  ) -> [ServiceStory] {
    let outer = Set(outer.map(\.traffic.name))
    return signals.map { signal in
      let name = signal.traffic.name
      guard outer.contains(name) else { return alone(signal) }
      return stories.first { $0.signal.traffic.name == name } ?? alone(signal)
    }
  }

  private static func span(of signal: ServiceSignal) -> TimeSpan? {
    guard let first = signal.traffic.buckets.first, let last = signal.traffic.buckets.last else {
      return nil
    }
    return TimeSpan(start: Instant(seconds: first.start), end: Instant(seconds: last.start))
  }

  private static func rest(of signal: ServiceSignal, beyond span: TimeSpan) -> ServiceSignal? {
    var rest = signal
    rest.incidents.removeAll { $0.span.overlaps(span) }
    rest.spikes.removeAll { TimeSpan(start: $0.onset, end: $0.end).overlaps(span) }
    rest.slowTails = []
    return rest.incidents.isEmpty && rest.spikes.isEmpty ? nil : rest
  }
}
