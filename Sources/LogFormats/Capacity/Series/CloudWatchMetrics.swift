package import IncidentModel

/// Sizes of groups as CloudWatch measured them (`get-metric-data`, `get-metric-statistics`).
///
/// The group's name is no part of the answer; a label that says more than the metric names it.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html>
package enum CloudWatchMetrics: CapacityFormat {
  package static let name = "cloudwatch-metrics"
  package static let summary = "Group sizes from CloudWatch (get-metric-data, -statistics)"
  package static let example = """
    {"Id":"m1","Label":"shop-web GroupInServiceInstances","Timestamps":["2018-07-16T18:02:00Z",\
    "2018-07-16T18:03:00Z"],"Values":[10.0,12.0],"StatusCode":"Complete"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["MetricDataResults"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let reason: StaticString = "the object has no Label with its values"
    guard record.holdsKey("Label\"") else { throw LineError(reason, at: 0) }
    let answer = try MetricAnswer(record)
    guard let label = answer.label, answer.hasValues else { throw LineError(reason, at: 0) }
    guard let measure = answer.measure else { return .ignored }
    let stem = FactStem(
      time: Instant(seconds: 0), position: context.position, text: clipped(record),
      source: "cloudwatch", identity: label, group: answer.group)
    let events = SeriesEvents.events(answer.points, measure, stem, head: answer.head, record)
    return events.isEmpty ? .ignored : .events(events)
  }
}

/// One metric's answer, read in place: it may hold many thousand points.
private struct MetricAnswer {
  var label: String?
  var head: Range<Int>?
  var points: [SeriesPoint] = []
  var hasValues = false
  private var id = ""
  private var stamps: [Range<Int>] = []
  private var values: [Range<Int>] = []

  init(_ record: Span<UInt8>) throws(LineError) {
    var json = JSONCursor(record)
    try json.enterObject()
    while let key = try json.nextKey() {
      if json.matches(key, "Label") {
        let range = try json.scalarRange()
        label = range.map { $0.map { record[$0] }.asText }
        head = range.map { key.range.lowerBound - 1..<$0.upperBound + 1 }
      } else if json.matches(key, "Id") {
        id = try json.scalarRange().map { $0.map { record[$0] }.asText } ?? ""
      } else if json.matches(key, "Timestamps") {
        stamps = try Self.elements(&json)
      } else if json.matches(key, "Values") {
        values = try Self.elements(&json)
        hasValues = true
      } else if json.matches(key, "Datapoints") {
        try readDatapoints(&json)
        hasValues = true
      } else {
        try json.skip()
      }
    }
    try json.end()
    for (stamp, value) in zip(stamps, values) {
      if let point = Self.point(stamp, value, record) { points.append(point) }
    }
  }

  private static func point(
    _ stamp: Range<Int>, _ value: Range<Int>, _ record: Span<UInt8>
  ) -> SeriesPoint? {
    guard let time = CapacityStamp.member(.text(stamp.map { record[$0] })),
      let count = instanceCount(value.map { record[$0] })
    else { return nil }
    return SeriesPoint(time: time, value: count, proof: [stamp, value])
  }

  private static func elements(_ json: inout JSONCursor) throws(LineError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    guard json.peek() == UInt8(ascii: "[") else {
      try json.skip()
      return []
    }
    try json.enterArray()
    while try json.nextElement() {
      if let range = try json.scalarRange() { ranges.append(range) }
    }
    return ranges
  }

  /// `{"Timestamp":…,"Average":…,"Unit":…}` in no order; of several statistics the largest is taken.
  private mutating func readDatapoints(_ json: inout JSONCursor) throws(LineError) {
    guard json.peek() == UInt8(ascii: "[") else { return try json.skip() }
    try json.enterArray()
    while try json.nextElement() {
      guard json.peek() == UInt8(ascii: "{") else {
        try json.skip()
        continue
      }
      let start = json.position
      var stamp: Range<Int>?
      var best: Int?
      try json.enterObject()
      while let key = try json.nextKey() {
        if json.matches(key, "Timestamp") {
          stamp = try json.scalarRange()
        } else if json.matches(key, "Average") || json.matches(key, "Maximum")
          || json.matches(key, "Minimum")
        {
          let value = try json.scalarRange().flatMap { range in
            instanceCount(range.map { json.bytes[$0] })
          }
          best = [best, value].compactMap(\.self).max()
        } else {
          try json.skip()
        }
      }
      let time = stamp.flatMap { range in
        CapacityStamp.member(.text(range.map { json.bytes[$0] }))
      }
      if let time, let best {
        points.append(SeriesPoint(time: time, value: best, proof: [start..<json.position]))
      }
    }
  }

  var measure: SeriesMeasure? {
    label.flatMap { SeriesMeasure(metric: $0) } ?? SeriesMeasure(metric: id)
  }

  /// The word of the label that is no metric's name.
  var group: String? {
    let words = (label ?? "").split(separator: " ").map(String.init)
    return words.first { SeriesMeasure(metric: $0) == nil && $0 != "AWS/AutoScaling" }
  }
}
