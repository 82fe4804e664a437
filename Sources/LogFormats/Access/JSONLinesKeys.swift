/// What a key of a JSON access log means (FORMATS §1.3).
enum JSONMeaning: Int, CaseIterable {
  case time, status, client, forwarded, request, method, target, host, serverName, bytes, duration
  case upstreamAddress, upstreamTime, upstreamStatus, cache, agent, referrer, identity, user, tls
}

/// A key that is known: what it means, and its rank among those with the same meaning.
struct JSONKey {
  var meaning: JSONMeaning
  /// The lowest rank wins.
  var rank: UInt8
  /// How many microseconds a unit of its number has; 0: the key doesn't tell.
  var unit: Int64 = 0

  init(_ meaning: JSONMeaning, _ rank: UInt8, unit: Int64 = 0) {
    self.meaning = meaning
    self.rank = rank
    self.unit = unit
  }

  /// Looks a key up; letters without case, `-` and `.` as `_`.
  ///
  /// By length first: a line has a dozen keys, and most of the table is then not compared.
  static func known(_ key: Span<UInt8>) -> JSONKey? {
    switch key.count {
    case ...4: short(key)
    case 5...6: middle(key)
    case 7...9: long(key)
    case 10...11: longer(key)
    default: longest(key)
    }
  }

  private static func short(_ key: Span<UInt8>) -> JSONKey? {
    if key.isKey("ts") { return JSONKey(.time, 4) }
    if key.isKey("ip") { return JSONKey(.client, 4) }
    if key.isKey("uri") { return JSONKey(.target, 1) }
    if key.isKey("url") { return JSONKey(.target, 2) }
    if key.isKey("time") { return JSONKey(.time, 3) }
    if key.isKey("date") { return JSONKey(.time, 8) }
    if key.isKey("code") { return JSONKey(.status, 6) }
    if key.isKey("path") { return JSONKey(.target, 3) }
    if key.isKey("verb") { return JSONKey(.method, 2) }
    if key.isKey("host") { return JSONKey(.host, 0) }
    if key.isKey("size") { return JSONKey(.bytes, 3) }
    if key.isKey("took") { return JSONKey(.duration, 5) }
    if key.isKey("msec") { return JSONKey(.time, 6) }
    if key.isKey("user") { return JSONKey(.user, 1) }
    return nil
  }

  private static func middle(_ key: Span<UInt8>) -> JSONKey? {
    if key.isKey("agent") { return JSONKey(.agent, 2) }
    if key.isKey("bytes") { return JSONKey(.bytes, 2) }
    if key.isKey("vhost") { return JSONKey(.host, 3) }
    if key.isKey("status") { return JSONKey(.status, 0) }
    if key.isKey("client") { return JSONKey(.client, 1) }
    if key.isKey("method") { return JSONKey(.method, 1) }
    if key.isKey("domain") { return JSONKey(.host, 4) }
    if key.isKey("length") { return JSONKey(.bytes, 5) }
    if key.isKey("req_id") { return JSONKey(.identity, 1) }
    return nil
  }

  private static func long(_ key: Span<UInt8>) -> JSONKey? {
    if key.isKey("request") { return JSONKey(.request, 0) }
    if key.isKey("elapsed") { return JSONKey(.duration, 2) }
    if key.isKey("latency") { return JSONKey(.duration, 3) }
    if key.isKey("referer") || key.isKey("http_ref") { return JSONKey(.referrer, 1) }
    if key.isKey("real_ip") { return JSONKey(.client, 6) }
    if key.isKey("clientip") { return JSONKey(.client, 3) }
    if key.isKey("duration") { return JSONKey(.duration, 1) }
    if key.isKey("referrer") { return JSONKey(.referrer, 2) }
    if key.isKey("datetime") { return JSONKey(.time, 7) }
    if key.isKey("trace_id") { return JSONKey(.identity, 2) }
    if key.isKey("timestamp") { return JSONKey(.time, 2) }
    if key.isKey("client_ip") { return JSONKey(.client, 2) }
    if key.isKey("remote_ip") { return JSONKey(.client, 5) }
    if key.isKey("http_host") { return JSONKey(.host, 1) }
    if key.isKey("sc_status") { return JSONKey(.status, 7) }
    if key.isKey("useragent") { return JSONKey(.agent, 3) }
    return nil
  }

  private static func longer(_ key: Span<UInt8>) -> JSONKey? {
    if key.isKey("@timestamp") { return JSONKey(.time, 1) }
    if key.isKey("time_local") || key.isKey("local_time") { return JSONKey(.time, 5) }
    if key.isKey("bytes_sent") { return JSONKey(.bytes, 1) }
    if key.isKey("user_agent") { return JSONKey(.agent, 1) }
    if key.isKey("request_id") { return JSONKey(.identity, 0) }
    if key.isKey("time_taken") { return JSONKey(.duration, 6) }
    if key.isKey("latency_ms") { return JSONKey(.duration, 3, unit: 1_000) }
    if key.isKey("status_code") { return JSONKey(.status, 1) }
    if key.isKey("http_status") { return JSONKey(.status, 3) }
    if key.isKey("remote_addr") { return JSONKey(.client, 0) }
    if key.isKey("remote_user") { return JSONKey(.user, 0) }
    if key.isKey("request_uri") { return JSONKey(.target, 0) }
    if key.isKey("server_name") { return JSONKey(.serverName, 0) }
    if key.isKey("duration_ms") || key.isKey("elapsed_ms") {
      return JSONKey(.duration, 1, unit: 1_000)
    }
    if key.isKey("duration_us") { return JSONKey(.duration, 1, unit: 1) }
    if key.isKey("duration_ns") { return JSONKey(.duration, 1, unit: -1_000) }
    if key.isKey("duration_s") { return JSONKey(.duration, 1, unit: 1_000_000) }
    if key.isKey("traceparent") { return JSONKey(.identity, 3) }
    return nil
  }

  private static func longest(_ key: Span<UInt8>) -> JSONKey? {
    if key.isKey("time_iso8601") { return JSONKey(.time, 0) }
    if key.isKey("request_time") { return JSONKey(.duration, 0) }
    if key.isKey("request_time_ms") { return JSONKey(.duration, 0, unit: 1_000) }
    if key.isKey("response_time") { return JSONKey(.duration, 4) }
    if key.isKey("response_time_ms") { return JSONKey(.duration, 4, unit: 1_000) }
    if key.isKey("http_referer") { return JSONKey(.referrer, 0) }
    if key.isKey("http_user_agent") { return JSONKey(.agent, 0) }
    if key.isKey("ssl_protocol") { return JSONKey(.tls, 0) }
    if key.isKey("request_host") { return JSONKey(.host, 5) }
    if key.isKey("upstream_addr") { return JSONKey(.upstreamAddress, 0) }
    if key.isKey("response_code") { return JSONKey(.status, 5) }
    if key.isKey("response_size") { return JSONKey(.bytes, 4) }
    if key.isKey("request_method") { return JSONKey(.method, 0) }
    if key.isKey("response_status") { return JSONKey(.status, 2) }
    if key.isKey("body_bytes_sent") { return JSONKey(.bytes, 0) }
    if key.isKey("upstream_status") { return JSONKey(.upstreamStatus, 0) }
    if key.isKey("upstream_response_time") { return JSONKey(.upstreamTime, 0) }
    if key.isKey("upstream_cache_status") { return JSONKey(.cache, 0) }
    if key.isKey("x_forwarded_for") { return JSONKey(.forwarded, 1) }
    if key.isKey("http_x_forwarded_for") { return JSONKey(.forwarded, 0) }
    return nil
  }

  /// Keys of objects that are looked into: one level, as `{"http": {"status": 200}}`.
  static func isNest(_ key: Span<UInt8>) -> Bool {
    key.isKey("nginx") || key.isKey("http") || key.isKey("request") || key.isKey("log")
      || key.isKey("response") || key.isKey("req") || key.isKey("res")
  }
}
