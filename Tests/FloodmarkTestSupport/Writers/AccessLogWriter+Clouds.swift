internal import IncidentModel

/// Lines of load balancers and networks of clouds.
extension AccessLogWriter {
  /// The 15 fields of a Classic Load Balancer: `-1` three times where no backend was reached, twice where it gave no answer.
  mutating func writeClassicBalancer(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)]
    let isV6 = client.address.utf8.contains(UInt8(ascii: ":"))
    bytes.add(stamp: Instant(microseconds: request.arrival), decimals: 6)
    bytes.add("Z \(incident.plan.group) ")
    bytes.add(isV6 ? "[\(client.address)]:\(client.port) " : "\(client.address):\(client.port) ")
    bytes.add(backend(request))
    let status = kind.written(request.status)
    if request.backend < 0 {
      bytes.add(" -1 -1 -1 \(status) 0 ")
    } else if !kind.tellsDuration(of: request) {
      bytes.add(" 0.000020 -1 -1 \(status == 0 ? "-" : "\(status)") 0 ")
    } else {
      bytes.add(" 0.000000 ")
      bytes.add(seconds: request.duration)
      bytes.add(" 0.000000 \(status) \(request.status) ")
    }
    bytes.add("412 \(sentBytes(request)) \"\(resource.method) https://\(incident.site.host):443")
    bytes.add(
      "\(resource.path) HTTP/1.1\" \"\(agent(request))\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2")
  }

  /// The 33 fields of CloudFront's standard log; what is no ASCII letter in an agent is percent-encoded.
  mutating func writeCloudFront(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let time = CivilTime(Instant(microseconds: request.completion))
    let parts = resource.path.split(separator: "?", maxSplits: 1)
    let status = kind.written(request.status)
    let result = request.isFailed || status == 0 ? "Error" : "Miss"
    let detail = status == 0 ? "ClientCommError" : request.isFailed ? "OriginError" : "Miss"
    bytes.add(date: time)
    bytes.add("\t")
    bytes.add(clock: time)
    func fields(_ values: String...) -> String { values.map { "\t" + $0 }.joined() }
    bytes.add(
      fields(
        "FRA56-P4", "\(sentBytes(request))",
        incident.crowd.clients[Int(request.client)].address, resource.method,
        "d111111abcdef8.cloudfront.net", "\(parts.first ?? "/")",
        status == 0 ? "000" : "\(status)", referrer(request),
        agent(request).split(separator: " ").joined(separator: "%20"),
        parts.count > 1 ? "\(parts[1])" : "-", "-", result))
    bytes.add("\t")
    addTrace(request)
    bytes.add(fields(incident.site.host, "https", "120") + "\t")
    bytes.add(milliseconds: request.duration)
    bytes.add(
      fields("-", "TLSv1.3", "TLS_AES_128_GCM_SHA256", result, "HTTP/2.0", "-", "-", "11040"))
    bytes.add("\t")
    bytes.add(milliseconds: request.duration)
    bytes.add(fields(detail, "text/html", "\(sentBytes(request))", "-", "-"))
  }

  /// A LogEntry of Google's load balancer; a client that left has no status.
  mutating func writeGoogleBalancer(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let status = kind.written(request.status)
    bytes.add("{\"httpRequest\":{\"latency\":\"")
    bytes.add(seconds: request.duration)
    bytes.add("s\",\"remoteIp\":\"\(incident.crowd.clients[Int(request.client)].address)\",")
    bytes.add("\"requestMethod\":\"\(resource.method)\",")
    bytes.add("\"requestUrl\":\"https://\(incident.site.host)\(resource.path)\",")
    bytes.add("\"responseSize\":\"\(sentBytes(request))\",")
    if request.backend >= 0 {
      let server = backend(request).split(separator: ":").first ?? ""
      bytes.add("\"serverIp\":\"\(server)\",")
    }
    if status > 0 { bytes.add("\"status\":\(status),") }
    bytes.add("\"userAgent\":\"\(agent(request))\"},\"insertId\":\"")
    addTrace(request)
    let detail =
      switch (request.status, request.backend) {
      case (499, _): "client_disconnected_before_any_response"
      case (500..., ..<0): "failed_to_pick_backend"
      case (504, _): "backend_timeout"
      case (502, _): "backend_connection_closed_before_data_sent_to_client"
      default: "response_sent_by_backend"
      }
    bytes.add("\",\"jsonPayload\":{\"@type\":\"type.googleapis.com/google.cloud.loadbalancing.")
    bytes.add("type.LoadBalancerLogEntry\",\"statusDetails\":\"\(detail)\"},\"resource\":{")
    bytes.add("\"labels\":{\"backend_service_name\":\"\(incident.plan.group)\"},")
    bytes.add("\"type\":\"http_load_balancer\"},\"timestamp\":\"")
    bytes.add(stamp: Instant(microseconds: request.arrival), decimals: 6)
    bytes.add("Z\"}")
  }
}
