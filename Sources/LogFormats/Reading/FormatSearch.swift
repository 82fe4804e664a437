internal import IncidentModel

/// Finds the format of a member's first lines, and what is wrapped around them (FORMATS §2, §4).
struct FormatSearch {
  private(set) var detection: Detection
  private(set) var layers: [Wrapper] = []

  /// Reads the samples as they stand, and behind one to three wrappers where most lines have them.
  ///
  /// What is found inside goes before what the whole lines look like: a stamp in front of a client reads like a host.
  init(
    _ samples: [Detection.Sample], zone: ZoneOffsets, date: Instant?, forced: LogFormat?,
    directives: W3CDirectives = W3CDirectives(), string: FormatString? = nil
  ) {
    detection = Detection(
      samples, zone: zone, date: date, forced: forced, directives: directives,
      string: string)
    // Formats of capacity logs are sure of how their lines begin.
    if detection.winnerReadsHeader || detection.isSettled && detection.winner?.kind == .capacity {
      return
    }
    var inner = samples
    var tried: [Wrapper] = []
    while tried.count < WrapperStack.maximumDepth, let layer = Self.wrapper(of: inner) {
      let outer = inner
      inner = outer.map { Self.unwrapped($0, layer) }
      tried.append(layer)
      var found = Detection(
        inner, zone: zone, date: date, forced: forced, directives: directives,
        string: string)
      if layer == .stamped && found.winner == nil {
        // A name may stand behind the stamp.
        let named = outer.map { Self.unwrapped($0, .tailed) }
        let other = Detection(
          named, zone: zone, date: date, forced: forced, directives: directives,
          string: string)
        if other.winner != nil {
          found = other
          tried[tried.count - 1] = .tailed
        }
      }
      if found.isBetter(than: detection) {
        detection = found
        layers = tried
      }
    }
  }

  /// The wrapper that most of the lines have.
  private static func wrapper(of samples: [Detection.Sample]) -> Wrapper? {
    let lines = samples.filter { !$0.isHeader && !$0.isUnfinished }
    return Wrapper.allCases.first { wrapper in
      if wrapper == .tailed { return false }
      let count = lines.count { wrapper.inner(of: $0.bytes.span) != nil }
      return !lines.isEmpty && Double(count) >= Detection.threshold * Double(lines.count)
    }
  }

  private static func unwrapped(
    _ sample: Detection.Sample, _ wrapper: Wrapper
  ) -> Detection.Sample {
    var stack = WrapperStack([wrapper])
    var inner = sample
    switch stack.unwrap(sample.bytes.span, number: 1, offset: 0) {
    case .range(let range): inner.bytes = Array(sample.bytes[range])
    case .bytes(let bytes): inner.bytes = bytes
    case .partial: inner.bytes = stack.finish().first?.bytes ?? []
    case .foreign: break
    }
    if inner.bytes.first == UInt8(ascii: "#") { inner.isHeader = true }
    return inner
  }
}

extension Detection {
  /// An access format took enough of the lines, or one of capacity logs that no person could have written.
  var isSettled: Bool {
    guard let winner else { return false }
    return winner.share >= Self.threshold && (winner.kind == .access || winner.kind == .capacity)
  }

  /// Whether the winner steps over a header by itself.
  var winnerReadsHeader: Bool {
    guard let winner, winner.share >= Self.threshold else { return false }
    return FormatRegistry.access(named: winner.name)?.readsHeader ?? false
  }

  /// Whether what was found behind a wrapper goes before what was found in front of it.
  func isBetter(than other: Detection) -> Bool {
    isSettled || winner != nil && other.winner == nil
  }
}
