internal import IncidentModel

/// `series.csv`: a row for each service and moment; an empty field is a gap or unknown, never 0.
struct SeriesExport {
  let context: ReportContext

  var csv: String {
    var table = CSVText(header: [
      "time", "service", "bucket_seconds", "requests", "failed", "repeats", "needed",
      "needed_first_attempts", "wanted", "ready", "serving", "max_size", "p95_ms",
    ])
    for series in context.analysis.series {
      let name = CSVText.Field.quoted(context.name(series.service))
      for index in 0..<series.length {
        func whole(_ values: [Int?]) -> CSVText.Field {
          .whole(values.indices.contains(index) ? values[index] : nil)
        }
        let latency = series.p95Milliseconds
        table.add([
          .time(series.start(of: index)), name, .whole(series.bucketSeconds),
          whole(series.requests), whole(series.failed), whole(series.repeats),
          whole(series.needed), whole(series.neededFirstAttempts), whole(series.wanted),
          whole(series.ready), whole(series.serving), whole(series.maximum),
          .number(latency.indices.contains(index) ? latency[index] : nil),
        ])
      }
    }
    return table.text
  }
}

extension ServiceSeries {
  /// Buckets that any of the series fills.
  var length: Int {
    [
      requests.count, failed.count, repeats.count, needed.count, neededFirstAttempts.count,
      wanted.count, ready.count, serving.count, maximum.count, p95Milliseconds.count,
    ].max() ?? 0
  }

  /// When a bucket begins.
  func start(of bucket: Int) -> Instant {
    Instant(seconds: start.seconds + Int64(bucket) * Int64(bucketSeconds))
  }
}
