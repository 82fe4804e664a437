internal import IncidentModel

/// `metrics.openmetrics`: the series for Prometheus, as `promtool tsdb create-blocks-from openmetrics` takes them.
///
/// The format is OpenMetrics 1.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>): timestamps in seconds, all samples of a family together, `# EOF` at the end. A gap has no sample.
struct OpenMetrics {
  private enum Kind: String {
    /// Counts since the window's start, at the end of each bucket.
    case counter
    /// The value in the bucket that begins there.
    case gauge
  }

  let context: ReportContext

  var text: String {
    var out = ""
    let labels = self.labels
    func family(
      _ name: StaticString, _ kind: Kind, unit: StaticString? = nil, _ help: StaticString,
      _ values: (ServiceSeries) -> [Double?]
    ) {
      var samples = ""
      for (series, label) in zip(context.analysis.series, labels) {
        samples += Self.samples("\(name)", kind, label, series, values(series))
      }
      guard !samples.isEmpty else { return }
      out += "# TYPE \(name) \(kind.rawValue)\n"
      if let unit { out += "# UNIT \(name) \(unit)\n" }
      out += "# HELP \(name) \(help)\n" + samples
    }
    func whole(_ path: KeyPath<ServiceSeries, [Int?]>) -> (ServiceSeries) -> [Double?] {
      { $0[keyPath: path].map { $0.map(Double.init) } }
    }
    family("floodmark_requests", .counter, "Requests in the window.", whole(\.requests))
    family("floodmark_failed", .counter, "Requests answered with 5xx.", whole(\.failed))
    family("floodmark_repeats", .counter, "Repeats of failed requests.", whole(\.repeats))
    family(
      "floodmark_needed_instances", .gauge, unit: "instances",
      "Instances that demand needed.", whole(\.needed))
    family(
      "floodmark_needed_first_attempts_instances", .gauge, unit: "instances",
      "Instances that first attempts alone needed.", whole(\.neededFirstAttempts))
    family(
      "floodmark_wanted_instances", .gauge, unit: "instances", "Instances that were wanted.",
      whole(\.wanted))
    family(
      "floodmark_ready_instances", .gauge, unit: "instances", "Instances in service.",
      whole(\.ready))
    family(
      "floodmark_serving_instances", .gauge, unit: "instances",
      "Instances that answered requests.", whole(\.serving))
    family(
      "floodmark_max_size_instances", .gauge, unit: "instances", "The maximum size in force.",
      whole(\.maximum))
    family(
      "floodmark_latency_p95_seconds", .gauge, unit: "seconds",
      "95th percentile of the latency of answered requests."
    ) { $0.p95Milliseconds.map { $0.flatMap { $0.isFinite ? $0 / 1000 : nil } } }
    return out + "# EOF\n"
  }

  private static func samples(
    _ name: String, _ kind: Kind, _ label: String, _ series: ServiceSeries, _ values: [Double?]
  ) -> String {
    guard values.contains(where: { $0 != nil }), series.bucketSeconds > 0 else { return "" }
    var out = ""
    switch kind {
    case .gauge:
      for (index, value) in values.enumerated() {
        guard let value else { continue }
        out +=
          "\(name){service=\"\(label)\"} \(spelled(value)) \(series.start(of: index).seconds)\n"
      }
    case .counter:
      var sum = 0.0
      out += "\(name)_total{service=\"\(label)\"} 0 \(series.start.seconds)\n"
      for (index, value) in values.enumerated() {
        guard let value else { continue }
        sum += value
        out +=
          "\(name)_total{service=\"\(label)\"} \(spelled(sum)) \(series.start(of: index + 1).seconds)\n"
      }
    }
    return out
  }

  private static func spelled(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 9e15 ? String(Int64(value)) : JSONValue.spelled(value)
  }

  /// The services' names as label values; no two are alike, even where they were masked alike.
  private var labels: [String] {
    var seen: [String: Int] = [:]
    return context.analysis.series.map { series in
      let name = context.door.admit(LogText(series.service, kind: .name), limit: .path)
      let count = seen[name.text, default: 0] + 1
      seen[name.text] = count
      return Self.escaped(count == 1 ? name.text : "\(name.text) (\(count))")
    }
  }

  /// The inside of a label's value: `\`, `"` and line feeds have escapes.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
