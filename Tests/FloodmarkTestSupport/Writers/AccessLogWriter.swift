internal import IncidentModel

/// The log of the server behind the load balancer: the same requests, but for those that the balancer turned away.
package struct InnerVantage: Sendable {
  package var kind: AccessLogKind
  /// The address that every line has for its client, where the balancer does not pass on who asked.
  package var balancer: String?

  package init(kind: AccessLogKind, balancer: String? = nil) {
    self.kind = kind
    self.balancer = balancer
  }

  /// What the server tells of a request; nil where it never saw it.
  func seen(_ request: SimulatedRequest) -> SimulatedRequest? {
    if request.kind == .healthCheck { return request }
    guard request.backend >= 0 else { return nil }
    var seen = request
    seen.arrival += min(300, request.duration)
    seen.duration = max(1_000, request.backendDuration)
    // Whom the balancer gave up on has left, as far as the server knows.
    if request.status == 504 { seen.status = 499 }
    return seen
  }
}

/// Writes one server's access log.
package struct AccessLogWriter {
  package let kind: AccessLogKind
  package internal(set) var bytes: [UInt8] = []
  let incident: SimulatedIncident
  private var stampSecond = Int64.min
  private var stampBytes: [UInt8] = []
  private var balancer: String?
  /// The crowd's agents as this kind of log writes them.
  private let agents: [String]
  /// Each of the site's addresses in full, as pages name what led to them.
  private let links: [String]
  /// The page and the query of each of the site's addresses, in the logs that write them apart.
  let parts: [(page: String, query: String)]

  package init(kind: AccessLogKind, incident: SimulatedIncident) {
    self.kind = kind
    self.incident = incident
    agents = incident.crowd.agents.map(kind.written(agent:))
    links = incident.site.resources.map { "https://" + incident.site.host + $0.path }
    parts = kind.tellsQueryApart ? incident.site.resources.map(\.parts) : []
  }

  /// The whole log of one server, lines in the order of completion.
  package static func log(
    of server: Int, kind: AccessLogKind, incident: SimulatedIncident
  ) -> [UInt8] {
    let requests = incident.requests
    let order = places(in: requests) { Int($0.server) == server && kind.writes($0) }
    var writer = AccessLogWriter(kind: kind, incident: incident)
    writer.bytes.reserveCapacity(order.count * 320)
    writer.bytes.add(kind.header)
    for place in order { writer.write(requests[place]) }
    return writer.bytes
  }

  /// The whole log of one server behind the balancer.
  package static func log(
    of server: Int, inner: InnerVantage, incident: SimulatedIncident
  ) -> [UInt8] {
    let seen = incident.requests.filter { Int($0.server) == server }.compactMap(inner.seen)
    var writer = AccessLogWriter(kind: inner.kind, incident: incident)
    writer.balancer = inner.balancer
    for place in places(in: seen, { _ in true }) { writer.write(seen[place]) }
    return writer.bytes
  }

  /// Where the requests to write stand, in the order of completion; of those that end together the first to come first.
  private static func places(
    in requests: [SimulatedRequest], _ isWritten: (SimulatedRequest) -> Bool
  ) -> [Int] {
    guard let first = requests.first?.arrival else { return [] }
    // Microseconds of a month and a hundred million places fit into one number, which sorts fast.
    let bits = 64 - UInt64(max(1, requests.count)).leadingZeroBitCount
    var keys: [UInt64] = []
    keys.reserveCapacity(requests.count)
    for (place, request) in requests.enumerated() where isWritten(request) {
      keys.append(UInt64(max(0, request.completion - first)) << bits | UInt64(place))
    }
    keys.sort()
    let mask = UInt64(1) << bits - 1
    return keys.map { Int($0 & mask) }
  }

  package mutating func write(_ request: SimulatedRequest) {
    switch kind {
    case .common, .combined, .vhostCombined, .nginxTimed: writeCommon(request)
    case .awsALB: writeBalancer(request)
    case .nginxJSON: writeJSON(request)
    case .ingressNginx, .apacheTimed, .traefik: writeCommon(request)
    case .haproxy: writeHAProxy(request)
    case .envoy: writeEnvoy(request)
    case .iis: writeIis(request)
    case .awsELB: writeClassicBalancer(request)
    case .cloudFront: writeCloudFront(request)
    case .gcpBalancer: writeGoogleBalancer(request)
    case .caddy: writeCaddy(request)
    case .logfmt: writeLogfmt(request)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  func sentBytes(_ request: SimulatedRequest) -> Int {
    if request.isFailed { return 197 }
    return request.status == 499 ? 0 : incident.site.resources[Int(request.target)].bytes
  }

  func referrer(_ request: SimulatedRequest) -> String {
    switch request.referrer {
    case -1: "-"
    case -2: "https://www.example.org/"
    case -3: "https://news.example.net/deals-of-the-day"
    default: links[Int(request.referrer)]
    }
  }

  private func address(of request: SimulatedRequest) -> String {
    balancer ?? incident.crowd.clients[Int(request.client)].address
  }

  func agent(_ request: SimulatedRequest) -> String {
    agents[incident.crowd.clients[Int(request.client)].agent]
  }

  /// The bracketed stamp, made once per second.
  private mutating func addStamp(_ request: SimulatedRequest) {
    let moment = kind.stamp == .arrival ? request.arrival : request.completion
    let second = moment / 1_000_000
    if second != stampSecond {
      stampSecond = second
      stampBytes = []
      stampBytes.add(commonLogTime: Instant(seconds: second))
    }
    bytes += stampBytes
  }

  private mutating func writeCommon(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    if kind == .vhostCombined {
      bytes.add(incident.site.host)
      bytes.add(":443 ")
    }
    bytes.add(address(of: request))
    bytes.add(" - - [")
    addStamp(request)
    bytes.add("] \"")
    bytes.add(resource.method)
    bytes.add(" ")
    bytes.add(resource.path)
    bytes.add(" HTTP/1.1\" ")
    bytes.add(Int(kind.written(request.status)))
    bytes.add(" ")
    bytes.add(sentBytes(request))
    if kind == .common { return }
    bytes.add(" \"")
    bytes.add(referrer(request))
    bytes.add("\" \"")
    bytes.add(agent(request))
    bytes.add("\"")
    switch kind {
    case .nginxTimed: addTimes(request)
    case .ingressNginx: addIngressTimes(request)
    case .apacheTimed:
      bytes.add(" ")
      bytes.add(Int(request.duration))
    case .traefik: addTraefikTail(request)
    default: break
    }
  }

  func backend(_ request: SimulatedRequest) -> String {
    request.backend < 0 ? "-" : incident.fleet.instances[Int(request.backend)].address
  }

  private mutating func addTimes(_ request: SimulatedRequest) {
    bytes.add(" rt=")
    bytes.add(milliseconds: request.duration)
    bytes.add(" urt=\"")
    addBackendSeconds(request)
    bytes.add("\" ua=\"")
    bytes.add(backend(request))
    bytes.add("\" us=\"")
    addBackendStatus(request)
    bytes.add("\"")
  }

  mutating func addBackendSeconds(_ request: SimulatedRequest) {
    if request.backend < 0 { return bytes.add("-") }
    bytes.add(milliseconds: request.backendDuration)
  }

  mutating func addBackendStatus(_ request: SimulatedRequest) {
    if request.backend < 0 || request.status == 499 { return bytes.add("-") }
    bytes.add(Int(request.status))
  }

  private mutating func writeJSON(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    bytes.add("{\"time_iso8601\":\"")
    bytes.add(stamp: Instant(microseconds: request.completion))
    bytes.add("+00:00\",\"remote_addr\":\"")
    bytes.add(address(of: request))
    bytes.add("\",\"host\":\"")
    bytes.add(incident.site.host)
    bytes.add("\",\"request_method\":\"")
    bytes.add(resource.method)
    bytes.add("\",\"request_uri\":\"")
    bytes.add(resource.path)
    bytes.add("\",\"status\":")
    bytes.add(Int(kind.written(request.status)))
    bytes.add(",\"body_bytes_sent\":")
    bytes.add(sentBytes(request))
    bytes.add(",\"request_time\":")
    bytes.add(milliseconds: request.duration)
    bytes.add(",\"upstream_addr\":\"")
    bytes.add(backend(request))
    bytes.add("\",\"upstream_status\":\"")
    addBackendStatus(request)
    bytes.add("\",\"upstream_response_time\":\"")
    addBackendSeconds(request)
    bytes.add("\",\"http_referer\":\"")
    bytes.add(referrer(request))
    bytes.add("\",\"http_user_agent\":\"")
    bytes.add(agent(request))
    bytes.add("\"}")
  }

  /// The 29 fields of the guide of June 2023.
  private mutating func writeBalancer(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)]
    let address = client.address
    bytes.add("https ")
    bytes.add(stamp: Instant(microseconds: request.completion), decimals: 6)
    bytes.add(line: "Z app/\(incident.plan.group)/50dc6c495c0c9188 ")
    let isV6 = address.utf8.contains(UInt8(ascii: ":"))
    if isV6 { bytes.add("[") }
    bytes.add(address)
    bytes.add(isV6 ? "]:" : ":")
    bytes.add(client.port)
    bytes.add(" ")
    bytes.add(backend(request))
    bytes.add(" ")
    addBalancerTimes(request)
    bytes.add(Int(kind.written(request.status)))
    bytes.add(" ")
    addTargetStatus(request)
    bytes.add(" 412 ")
    bytes.add(sentBytes(request))
    bytes.add(" \"")
    bytes.add(resource.method)
    bytes.add(" https://")
    bytes.add(incident.site.host)
    bytes.add(":443")
    bytes.add(resource.path)
    bytes.add(" HTTP/1.1\" \"")
    bytes.add(agent(request))
    bytes.add("\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 ")
    bytes.add("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/")
    bytes.add(incident.plan.group)
    bytes.add("/73e2d6bc24d8a067 \"Root=1-")
    addTrace(request)
    bytes.add("\" \"")
    bytes.add(incident.site.host)
    bytes.add("\" \"arn:aws:acm:us-east-1:123456789012:certificate/")
    bytes.add("12345678-1234-1234-1234-123456789012\" 0 ")
    bytes.add(stamp: Instant(microseconds: request.arrival), decimals: 6)
    bytes.add("Z \"forward\" \"-\" \"-\" \"")
    bytes.add(backend(request))
    bytes.add("\" \"")
    addTargetStatus(request)
    bytes.add("\" \"-\" \"-\"")
  }

  /// `-1` for a target that was not reached, timed out, or whose client left.
  private mutating func addBalancerTimes(_ request: SimulatedRequest) {
    if request.backend < 0 { return bytes.add("-1 -1 -1 ") }
    if request.status == 504 || request.status == 499 { return bytes.add("0.000 -1 -1 ") }
    bytes.add("0.000 ")
    bytes.add(milliseconds: request.backendDuration)
    bytes.add(" 0.000 ")
  }

  private mutating func addTargetStatus(_ request: SimulatedRequest) {
    let isSilent = request.status == 504 || request.status == 502 || request.status == 499
    if request.backend < 0 || isSilent { return bytes.add("-") }
    bytes.add(Int(request.status))
  }

  mutating func addTrace(_ request: SimulatedRequest) {
    bytes.add(hexadecimal: UInt64(bitPattern: request.arrival / 1_000_000))
    bytes.add("-")
    var dice = Dice(seed: UInt64(bitPattern: request.arrival), stream: UInt64(request.attempt))
    let end = bytes.count + 24
    bytes.add(hexadecimal: dice.next() >> 16)
    bytes.add(hexadecimal: dice.next() >> 16)
    while bytes.count < end { bytes.append(UInt8(ascii: "0")) }
  }
}
