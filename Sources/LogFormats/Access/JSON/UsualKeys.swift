/// The keys under which programs write requests as JSON or logfmt, nested or flat (FORMATS §1.3).
enum UsualKeys {
  static let table = JSONKeyTable(rows + nests)

  static let rows: [JSONKeyRow] =
    times + statuses + requests + people + hosts + durations + upstreams

  /// Objects that are looked into, as `{"http": {"status": 200}}`, and those of the Elastic and OpenTelemetry conventions.
  private static var nests: [JSONKeyRow] {
    let inner = JSONKeyRow.lowered(rows)
    let headers = JSONKeyRow.lowered(people + hosts)
    let response = inner + [JSONKeyRow("body", inside: [JSONKeyRow("bytes", .bytes, 70)])]
    let request = inner + [JSONKeyRow("headers", inside: headers)]
    let http =
      inner + [
        JSONKeyRow("request", inside: request), JSONKeyRow("response", inside: response),
      ]
    return [
      JSONKeyRow("nginx", inside: inner), JSONKeyRow("http", inside: http),
      JSONKeyRow("request", .request, inside: request), JSONKeyRow("log", inside: inner),
      JSONKeyRow("response", inside: response), JSONKeyRow("req", inside: request),
      JSONKeyRow("res", inside: response),
      JSONKeyRow("httprequest", inside: inner),
      JSONKeyRow(
        "url", .target,
        inside: [
          JSONKeyRow("path", .target, 66), JSONKeyRow("original", .target, 65),
          JSONKeyRow("full", .target, 67), JSONKeyRow("query", .query, 66),
          JSONKeyRow("domain", .host, 66),
        ]),
      JSONKeyRow("user_agent", .agent, inside: [JSONKeyRow("original", .agent, 65)]),
      JSONKeyRow(
        "source",
        inside: [
          JSONKeyRow("ip", .client, 65), JSONKeyRow("address", .client, 66),
        ]),
      JSONKeyRow(
        "client", .client,
        inside: [
          JSONKeyRow("ip", .client, 65), JSONKeyRow("address", .client, 66),
        ]),
      JSONKeyRow(
        "event",
        inside: [
          JSONKeyRow("duration", .duration, 65, unit: .nanoseconds)
        ]),
    ]
  }

  private static let times: [JSONKeyRow] = [
    JSONKeyRow("time_iso8601", .time, 0), JSONKeyRow("@timestamp", .time, 1),
    JSONKeyRow("timestamp", .time, 2), JSONKeyRow("time", .time, 3), JSONKeyRow("ts", .time, 4),
    JSONKeyRow("time_local", .time, 5), JSONKeyRow("msec", .time, 6),
    JSONKeyRow("datetime", .time, 7), JSONKeyRow("date", .time, 8),
    JSONKeyRow("local_time", .time, 9),
  ]

  private static let statuses: [JSONKeyRow] = [
    JSONKeyRow("status", .status, 0), JSONKeyRow("status_code", .status, 1),
    JSONKeyRow("statuscode", .status, 1), JSONKeyRow("response_status", .status, 2),
    JSONKeyRow("http_status", .status, 3), JSONKeyRow("http_status_code", .status, 4),
    JSONKeyRow("response_code", .status, 5), JSONKeyRow("http_response_status_code", .status, 5),
    JSONKeyRow("code", .status, 6), JSONKeyRow("sc_status", .status, 7),
  ]

  private static let requests: [JSONKeyRow] = [
    JSONKeyRow("request_uri", .target, 0), JSONKeyRow("requesturi", .target, 0),
    JSONKeyRow("uri", .target, 1), JSONKeyRow("url", .target, 2),
    JSONKeyRow("url_path", .target, 3),
    JSONKeyRow("url_original", .target, 2), JSONKeyRow("path", .target, 3),
    JSONKeyRow("request_path", .target, 3),
    JSONKeyRow("request_method", .method, 0), JSONKeyRow("method", .method, 1),
    JSONKeyRow("requestmethod", .method, 1), JSONKeyRow("verb", .method, 2),
    JSONKeyRow("http_method", .method, 1), JSONKeyRow("http_request_method", .method, 1),
    JSONKeyRow("query_string", .query, 0), JSONKeyRow("args", .query, 1),
    JSONKeyRow("body_bytes_sent", .bytes, 0), JSONKeyRow("bytes_sent", .bytes, 1),
    JSONKeyRow("bytes", .bytes, 2), JSONKeyRow("size", .bytes, 3),
    JSONKeyRow("response_size", .bytes, 4), JSONKeyRow("length", .bytes, 5),
    JSONKeyRow("content_length", .bytes, 6), JSONKeyRow("response_length", .bytes, 4),
    JSONKeyRow("http_response_body_bytes", .bytes, 4),
    JSONKeyRow("http_response_body_size", .bytes, 4), JSONKeyRow("url_full", .target, 4),
  ]

  private static let people: [JSONKeyRow] = [
    JSONKeyRow("remote_addr", .client, 0), JSONKeyRow("remoteaddress", .client, 0),
    JSONKeyRow("client_ip", .client, 2), JSONKeyRow("clientip", .client, 3),
    JSONKeyRow("ip", .client, 4), JSONKeyRow("remote_ip", .client, 5),
    JSONKeyRow("real_ip", .client, 6), JSONKeyRow("remoteip", .client, 5),
    JSONKeyRow("source_ip", .client, 5), JSONKeyRow("source_address", .client, 6),
    JSONKeyRow("client_address", .client, 2), JSONKeyRow("remote_host", .client, 7),
    JSONKeyRow("http_x_forwarded_for", .forwarded, 0), JSONKeyRow("x_forwarded_for", .forwarded, 1),
    JSONKeyRow("xff", .forwarded, 2), JSONKeyRow("fwd", .forwarded, 3),
    JSONKeyRow("http_user_agent", .agent, 0), JSONKeyRow("agent", .agent, 2),
    JSONKeyRow("useragent", .agent, 3), JSONKeyRow("user_agent", .agent, 1),
    JSONKeyRow("user_agent_original", .agent, 1),
    JSONKeyRow("http_referer", .referrer, 0), JSONKeyRow("referer", .referrer, 1),
    JSONKeyRow("referrer", .referrer, 2),
    JSONKeyRow("request_id", .identity, 0), JSONKeyRow("requestid", .identity, 0),
    JSONKeyRow("req_id", .identity, 1), JSONKeyRow("x_request_id", .identity, 1),
    JSONKeyRow("trace_id", .identity, 2), JSONKeyRow("traceparent", .identity, 3),
    JSONKeyRow("remote_user", .user, 0), JSONKeyRow("user", .user, 1),
    JSONKeyRow("ssl_protocol", .tls, 0),
  ]

  private static let hosts: [JSONKeyRow] = [
    JSONKeyRow("host", .host, 0), JSONKeyRow("http_host", .host, 1),
    JSONKeyRow("server_name", .serverName, 0), JSONKeyRow("vhost", .host, 3),
    JSONKeyRow("url_domain", .host, 4), JSONKeyRow("domain", .host, 4),
    JSONKeyRow("request_host", .host, 5),
    JSONKeyRow("authority", .host, 6), JSONKeyRow("server_address", .host, 7),
  ]

  private static let durations: [JSONKeyRow] = [
    JSONKeyRow("request_time", .duration, 0), JSONKeyRow("duration", .duration, 1),
    JSONKeyRow("elapsed", .duration, 2), JSONKeyRow("latency", .duration, 3),
    JSONKeyRow("response_time", .duration, 4), JSONKeyRow("took", .duration, 5),
    JSONKeyRow("time_taken", .duration, 6), JSONKeyRow("request_duration", .duration, 1),
    JSONKeyRow("responsetime", .duration, 4, unit: .milliseconds),
    JSONKeyRow("request_time_ms", .duration, 0, unit: .milliseconds),
    JSONKeyRow("duration_ms", .duration, 1, unit: .milliseconds),
    JSONKeyRow("elapsed_ms", .duration, 2, unit: .milliseconds),
    JSONKeyRow("latency_ms", .duration, 3, unit: .milliseconds),
    JSONKeyRow("response_time_ms", .duration, 4, unit: .milliseconds),
    JSONKeyRow("took_ms", .duration, 5, unit: .milliseconds),
    JSONKeyRow("duration_us", .duration, 1, unit: .microseconds),
    JSONKeyRow("latency_us", .duration, 3, unit: .microseconds),
    JSONKeyRow("duration_ns", .duration, 1, unit: .nanoseconds),
    JSONKeyRow("event_duration", .duration, 1, unit: .nanoseconds),
    JSONKeyRow("latency_ns", .duration, 3, unit: .nanoseconds),
    JSONKeyRow("duration_s", .duration, 1, unit: .seconds),
    JSONKeyRow("latency_s", .duration, 3, unit: .seconds),
    JSONKeyRow("duration_seconds", .duration, 1, unit: .seconds),
  ]

  private static let upstreams: [JSONKeyRow] = [
    JSONKeyRow("upstream_addr", .upstreamAddress), JSONKeyRow("upstream_status", .upstreamStatus),
    JSONKeyRow("upstream_response_time", .upstreamTime),
    JSONKeyRow("upstream_cache_status", .cache),
  ]
}
