internal import IncidentModel

/// Lines of load balancers and networks of clouds.
extension AccessLogWriter {
  /// The 15 fields of a Classic Load Balancer: `-1` three times where no backend was reached, twice where it gave no answer.
  mutating func writeClassicBalancer(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)]
    let isV6 = client.address.utf8.contains(UInt8(ascii: ":"))
    let (open, close) = isV6 ? ("[", "]") : ("", "")
    bytes.add(stamp: Instant(microseconds: request.arrival), decimals: 6)
    bytes.add(line: "Z \(incident.plan.group) ")
    bytes.add(line: "\(open)\(client.address)\(close):\(client.port) ")
    bytes.add(backend(request))
    let status = kind.written(request.status)
    if request.backend < 0 {
      bytes.add(line: " -1 -1 -1 \(status) 0 ")
    } else if !kind.tellsDuration(of: request) {
      bytes.add(line: " 0.000020 -1 -1 \(status == 0 ? "-" : "\(status)") 0 ")
    } else {
      bytes.add(" 0.000000 ")
      bytes.add(seconds: request.duration)
      bytes.add(line: " 0.000000 \(status) \(request.status) ")
    }
    bytes.add(
      line: "412 \(sentBytes(request)) \"\(resource.method) https://\(incident.site.host):443")
    bytes.add(
      line: "\(resource.path) HTTP/1.1\" \"\(agent(request))\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2")
  }

  /// The 33 fields of CloudFront's standard log; what is no ASCII letter in an agent is percent-encoded.
  mutating func writeCloudFront(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let time = CivilTime(Instant(microseconds: request.completion))
    let (page, query) = parts[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)].address
    let status = kind.written(request.status)
    let result = request.isFailed || status == 0 ? "Error" : "Miss"
    let detail = status == 0 ? "ClientCommError" : request.isFailed ? "OriginError" : "Miss"
    bytes.add(date: time)
    bytes.add("\t")
    bytes.add(clock: time)
    let sent = sentBytes(request)
    bytes.add(line: "\tFRA56-P4\t\(sent)\t\(client)\t\(resource.method)")
    bytes.add(line: "\td111111abcdef8.cloudfront.net\t\(page)\t")
    bytes.add(Int(status), digits: 3)
    bytes.add(line: "\t\(referrer(request))\t\(agent(request))\t\(query)\t-\t\(result)\t")
    addTrace(request)
    bytes.add(line: "\t\(incident.site.host)\thttps\t120\t")
    bytes.add(milliseconds: request.duration)
    bytes.add(line: "\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\t\(result)\tHTTP/2.0\t-\t-\t11040\t")
    bytes.add(milliseconds: request.duration)
    bytes.add(line: "\t\(detail)\ttext/html\t\(sent)\t-\t-")
  }

  /// A LogEntry of Google's load balancer; a client that left has no status.
  mutating func writeGoogleBalancer(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let status = kind.written(request.status)
    bytes.add("{\"httpRequest\":{\"latency\":\"")
    bytes.add(seconds: request.duration)
    bytes.add(line: "s\",\"remoteIp\":\"\(incident.crowd.clients[Int(request.client)].address)\",")
    bytes.add(line: "\"requestMethod\":\"\(resource.method)\",")
    bytes.add(line: "\"requestUrl\":\"https://\(incident.site.host)\(resource.path)\",")
    bytes.add(line: "\"responseSize\":\"\(sentBytes(request))\",")
    if request.backend >= 0 {
      bytes.add("\"serverIp\":\"")
      bytes.append(contentsOf: backend(request).utf8.prefix { $0 != UInt8(ascii: ":") })
      bytes.add("\",")
    }
    if status > 0 { bytes.add(line: "\"status\":\(status),") }
    bytes.add(line: "\"userAgent\":\"\(agent(request))\"},\"insertId\":\"")
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
    bytes.add(line: "type.LoadBalancerLogEntry\",\"statusDetails\":\"\(detail)\"},\"resource\":{")
    bytes.add(line: "\"labels\":{\"backend_service_name\":\"\(incident.plan.group)\"},")
    bytes.add("\"type\":\"http_load_balancer\"},\"timestamp\":\"")
    bytes.add(stamp: Instant(microseconds: request.arrival), decimals: 6)
    bytes.add("Z\"}")
  }
}
