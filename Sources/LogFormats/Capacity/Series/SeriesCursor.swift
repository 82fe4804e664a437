internal import IncidentModel

/// One measurement of a series, and where it stands in the object.
struct SeriesPoint {
  var time: Instant
  var value: Int
  /// What proves it, ascending by place.
  var proof: [Range<Int>]
}

/// Which size of a group a series measures.
enum SeriesMeasure {
  case desired
  case ready
  case maximum

  /// By the name of the metric, capitals and separators aside; nil: it measures something else.
  ///
  /// The names are those of EC2 Auto Scaling, ECS Container Insights, load balancers, kube-state-metrics and Karpenter.
  init?(metric name: String) {
    let plain = CapacityTable.plain(Array(name.utf8))
    let found = Self.names.first { entry in entry.texts.contains { plain.contains($0) } }
    guard let found else { return nil }
    self = found.measure
  }

  private static let names: [(measure: SeriesMeasure, texts: [String])] = [
    (
      .maximum,
      ["groupmaxsize", "maxreplicas", "clusterautoscalermaxnodescount", "maxsize", "maxcapacity"]
    ),
    (
      .ready,
      [
        "groupinserviceinstances", "groupinservicecapacity", "runningtaskcount", "healthyhostcount",
        "replicasavailable", "replicasready", "statusreplicasavailable", "currentreplicas",
        "readynodes", "inservice", "runninginstances",
      ]
    ),
    (
      .desired,
      [
        "groupdesiredcapacity", "desiredtaskcount", "desiredreplicas", "specreplicas",
        "desiredcapacity", "targetsize",
      ]
    ),
  ]

  func kind(_ value: Int) -> CapacityEvent.Kind {
    switch self {
    case .desired: .observed(desired: value, ready: nil, maximum: nil)
    case .ready: .observed(desired: nil, ready: value, maximum: nil)
    case .maximum: .observed(desired: nil, ready: nil, maximum: value)
    }
  }
}

/// The points of one series as events.
enum SeriesEvents {
  /// The first and the last point, and each at which the value changes: between them nothing new is known.
  static func events(
    _ points: [SeriesPoint], _ measure: SeriesMeasure, _ stem: FactStem, head: Range<Int>?,
    _ record: Span<UInt8>
  ) -> [CapacityEvent] {
    let ordered = points.sorted { $0.time < $1.time }
    var gap = Int64.max
    for index in ordered.indices.dropFirst() {
      let step = ordered[index].time.seconds - ordered[index - 1].time.seconds
      if step > 0 { gap = min(gap, step) }
    }
    var events: [CapacityEvent] = []
    for index in ordered.indices {
      let point = ordered[index]
      let isEdge = index == 0 || index == ordered.count - 1
      guard isEdge || ordered[index - 1].value != point.value else { continue }
      var own = stem.at(point.time)
      own.precisionSeconds = gap == .max ? 60 : Int(max(1, min(gap, 86_400)))
      own.identity += "|\(point.time.microseconds)"
      own.text = LogText(bytes: quote(head, point.proof, record), kind: .line)
      events.append(own.event(measure.kind(point.value)))
    }
    return events
  }

  /// The pieces of the object, ` … ` between those that don't touch.
  private static func quote(
    _ head: Range<Int>?, _ proof: [Range<Int>], _ record: Span<UInt8>
  ) -> [UInt8] {
    let ranges = ([head].compactMap(\.self) + proof).sorted { $0.lowerBound < $1.lowerBound }
    var bytes: [UInt8] = []
    for range in ranges {
      if !bytes.isEmpty { bytes += Array(" … ".utf8) }
      let clipped = range.clamped(to: 0..<record.count).prefix(512)
      bytes += clipped.map { record[$0] }
    }
    return Array(bytes.prefix(1_024))
  }
}

extension JSONCursor {
  /// The value that is next as its bytes' range, quotes not included, and consumes it; nil for an object or array.
  mutating func scalarRange() throws(LineError) -> Range<Int>? {
    switch try value() {
    case .string(let text): text.range
    case .number(let range): range
    default: nil
    }
  }
}

/// A whole number of instances from `15`, `15.0` or `1.5e1`-free text; fractions of a mean are rounded to the nearest.
func instanceCount(_ bytes: [UInt8]) -> Int? {
  let whole = bytes.prefix { $0 != UInt8(ascii: ".") }
  guard (1...9).contains(whole.count), whole.allSatisfy(isDigit) else { return nil }
  let rest = bytes[whole.endIndex...].dropFirst()
  guard rest.allSatisfy(isDigit) else { return nil }
  let number = Int(String(decoding: whole, as: UTF8.self)) ?? 0
  return number + ((rest.first ?? 0x30) >= UInt8(ascii: "5") ? 1 : 0)
}
