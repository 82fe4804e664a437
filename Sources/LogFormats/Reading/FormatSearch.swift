internal import IncidentModel

/// Finds the format of a member's first lines, and what is wrapped around them (FORMATS §2, §4).
struct FormatSearch {
  private(set) var detection: Detection
  private(set) var layers: [Wrapper] = []

  /// Reads the samples as they stand; where that gives no access format, behind one to three wrappers.
  init(
    _ samples: [Detection.Sample], zone: ZoneOffsets, date: Instant?, forced: LogFormat?,
    directives: W3CDirectives = W3CDirectives()
  ) {
    detection = Detection(
      samples, zone: zone, date: date, forced: forced, directives: directives)
    if detection.isSettled { return }
    var inner = samples
    var layers: [Wrapper] = []
    while layers.count < WrapperStack.maximumDepth, let layer = Self.wrapper(of: inner) {
      inner = inner.map { Self.unwrapped($0, layer) }
      layers.append(layer)
      let found = Detection(inner, zone: zone, date: date, forced: forced, directives: directives)
      if found.isBetter(than: detection) {
        detection = found
        self.layers = layers
      }
      if found.isSettled { return }
    }
  }

  /// The wrapper that most of the lines have; one that a line in twenty lacks is still one.
  private static func wrapper(of samples: [Detection.Sample]) -> Wrapper? {
    let lines = samples.filter { !$0.isHeader && !$0.isUnfinished }
    return Wrapper.allCases.first { wrapper in
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
    return winner.kind == .access || winner.kind == .capacity
  }

  /// Whether it found a format where the other found none, or one that is surer than notes.
  func isBetter(than other: Detection) -> Bool {
    guard winner != nil else { return false }
    return other.winner == nil || isSettled
  }
}
