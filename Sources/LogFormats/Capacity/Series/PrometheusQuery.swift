package import IncidentModel

/// Sizes of groups as Prometheus answers for them (`query_range`, or `query`).
///
/// The metric's name says what is measured, its labels of which group.
/// <https://prometheus.io/docs/prometheus/latest/querying/api/>
package enum PrometheusQuery: CapacityFormat {
  package static let name = "prometheus-query"
  package static let summary = "Group sizes from Prometheus (query_range JSON)"
  package static let example = """
    {"metric":{"__name__":"kube_deployment_status_replicas_available","deployment":"web",\
    "namespace":"shop"},"values":[[1531764120,"10"],[1531764180,"12"]]}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["data.result"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let reason: StaticString = "the object has no metric with its values"
    guard record.holdsKey("metric\"") else { throw LineError(reason, at: 0) }
    let series = try PrometheusSeries(record)
    guard let labels = series.labels, series.hasValues else { throw LineError(reason, at: 0) }
    guard let measure = SeriesMeasure(metric: labels.string("__name__") ?? "") else {
      return .ignored
    }
    let identity = labels.members.map { member in
      "\(member.key.asText)=\(member.value.scalarBytes?.asText ?? "")"
    }
    let stem = FactStem(
      time: Instant(seconds: 0), position: context.position, text: clipped(record),
      source: "prometheus", identity: identity.sorted().joined(separator: ","),
      group: Self.group(labels), zone: labels.string(anyOf: ["zone", "availability_zone"]))
    let events = SeriesEvents.events(series.points, measure, stem, head: series.head, record)
    return events.isEmpty ? .ignored : .events(events)
  }

  /// The workload with its namespace, or the group of nodes; else the scraped job.
  private static func group(_ labels: JSONObject) -> String? {
    let workload = [
      "horizontalpodautoscaler", "hpa", "deployment", "statefulset", "replicaset", "daemonset",
      "scaledObject",
    ]
    let nodes = [
      "nodepool", "node_group", "nodegroup", "auto_scaling_group_name", "autoscaling_group",
      "dimension_AutoScalingGroupName", "asg", "group",
    ]
    if let name = labels.string(anyOf: workload) {
      return labels.string("namespace").map { "\($0)/\(name)" } ?? name
    }
    return labels.string(anyOf: nodes) ?? labels.string("job")
  }
}

/// One series of an answer, read in place.
private struct PrometheusSeries {
  var labels: JSONObject?
  var head: Range<Int>?
  var points: [SeriesPoint] = []
  var hasValues = false

  init(_ record: Span<UInt8>) throws(LineError) {
    var json = JSONCursor(record)
    try json.enterObject()
    while let key = try json.nextKey() {
      if json.matches(key, "metric") {
        guard case .object(let range) = try json.value() else { continue }
        labels = try JSONObject(record.extracting(range))
        head = key.range.lowerBound - 1..<range.upperBound
      } else if json.matches(key, "values") {
        guard json.peek() == UInt8(ascii: "[") else {
          try json.skip()
          continue
        }
        hasValues = true
        try json.enterArray()
        while try json.nextElement() { try readPoint(&json) }
      } else if json.matches(key, "value") {
        hasValues = true
        try readPoint(&json)
      } else {
        try json.skip()
      }
    }
    try json.end()
  }

  /// `[1531764120.123,"10"]`.
  private mutating func readPoint(_ json: inout JSONCursor) throws(LineError) {
    guard json.peek() == UInt8(ascii: "[") else { return try json.skip() }
    let start = json.position
    var scalars: [Range<Int>] = []
    try json.enterArray()
    while try json.nextElement() {
      if let range = try json.scalarRange(), scalars.count < 2 { scalars.append(range) }
    }
    guard scalars.count == 2,
      let time = CapacityStamp.member(.number(scalars[0].map { json.bytes[$0] })),
      let value = instanceCount(scalars[1].map { json.bytes[$0] })
    else { return }
    points.append(SeriesPoint(time: time, value: value, proof: [start..<json.position]))
  }
}
