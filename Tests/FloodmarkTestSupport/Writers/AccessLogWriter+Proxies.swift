internal import IncidentModel

/// Lines of proxies that run on one's own machines.
extension AccessLogWriter {
  /// Whole milliseconds, rounded down.
  func milliseconds(_ microseconds: Int64) -> Int { Int(microseconds / 1_000) }

  /// The default of ingress-nginx: a request that failed on one pod was tried on a second one.
  mutating func addIngressTimes(_ request: SimulatedRequest) {
    bytes.add(" 462 ")
    bytes.add(milliseconds: request.duration)
    bytes.add(line: " [shop-\(incident.plan.group)-80] [] ")
    let isRepeated = request.status == 502
    func twice(_ bytes: inout [UInt8], _ add: (inout [UInt8]) -> Void) {
      add(&bytes)
      if isRepeated {
        bytes.add(", ")
        add(&bytes)
      }
      bytes.add(" ")
    }
    let address = backend(request)
    twice(&bytes) { $0.add(address) }
    let sent = sentBytes(request)
    twice(&bytes) { bytes in
      if request.backend < 0 { return bytes.add("-") }
      bytes.add(sent)
    }
    twice(&bytes) { bytes in
      if request.backend < 0 { return bytes.add("-") }
      bytes.add(milliseconds: isRepeated ? request.backendDuration / 2 : request.backendDuration)
    }
    twice(&bytes) { bytes in
      if request.backend < 0 || request.status == 499 { return bytes.add("-") }
      bytes.add(Int(request.status))
    }
    addTrace(request)
  }

  mutating func addTraefikTail(_ request: SimulatedRequest) {
    let name = request.backend < 0 ? "-" : "http://\(backend(request))"
    bytes.add(line: " 4711 \"\(incident.plan.group)@docker\" \"\(name)\" ")
    bytes.add(milliseconds(request.duration))
    bytes.add("ms")
  }

  /// `httplog` behind syslog's header of RFC 3164. A request that no server took has waited in the queue.
  mutating func writeHAProxy(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)]
    let end = CivilTime(Instant(microseconds: request.completion))
    var stamp: [UInt8] = []
    stamp.add(commonLogTime: Instant(microseconds: request.completion))
    bytes += stamp[3..<6]
    bytes.add(line: "\(end.day < 10 ? "  " : " ")\(end.day) ")
    bytes.add(clock: end)
    bytes.add(line: " lb-1 haproxy[14389]: \(client.address):\(client.port) [")
    stamp = []
    stamp.add(commonLogTime: Instant(microseconds: request.arrival))
    bytes += stamp.dropLast(6)
    bytes.add(".")
    bytes.add(Int(request.arrival / 1_000 % 1_000), digits: 3)
    let group = incident.plan.group
    let total = milliseconds(request.duration)
    let work = milliseconds(max(0, request.backendDuration))
    let status = kind.written(request.status)
    if request.backend < 0 {
      bytes.add(line: "] http-in \(group)/<NOSRV> 0/\(total)/-1/-1/\(total) ")
    } else if status == 0 || status == 504 || status == 502 {
      bytes.add(line: "] http-in \(group)/\(backend(request)) 0/0/0/-1/\(total) ")
    } else {
      let waited = max(0, total - work)
      bytes.add(line: "] http-in \(group)/\(backend(request)) 0/\(waited)/0/\(work)/\(total) ")
    }
    let state =
      switch status {
      case 0: "CH--"
      case 502: "SH--"
      case 503: "sQ--"
      case 504: "sH--"
      default: "----"
      }
    bytes.add(line: "\(status == 0 ? -1 : Int(status)) \(sentBytes(request)) - - \(state) ")
    bytes.add(
      line: "412/399/250/40/\(status == 502 ? "+3" : "0") 0/\(request.backend < 0 ? 250 : 0) ")
    bytes.add(line: "\"\(resource.method) \(resource.path) HTTP/1.1\"")
  }

  /// Envoy's default, whose flags tell why it answered by itself.
  mutating func writeEnvoy(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    bytes.add("[")
    bytes.add(stamp: Instant(microseconds: request.arrival), decimals: 3)
    let flag =
      switch (request.status, request.backend) {
      case (499, _): "DC"
      case (500..., ..<0): "UO"
      case (504, _): "UT"
      case (502, _): "UPE"
      default: "-"
      }
    bytes.add(line: "Z] \"\(resource.method) \(resource.path) HTTP/1.1\" ")
    bytes.add(line: "\(kind.written(request.status)) \(flag) 0 \(sentBytes(request)) ")
    bytes.add(line: "\(milliseconds(request.duration)) ")
    let isSilent = request.backend < 0 || [499, 502, 504].contains(request.status)
    if isSilent { bytes.add("-") } else { bytes.add(milliseconds(request.backendDuration)) }
    bytes.add(
      line: " \"\(incident.crowd.clients[Int(request.client)].address)\" \"\(agent(request))\" \"")
    addTrace(request)
    bytes.add(line: "\" \"\(incident.site.host)\" \"\(backend(request))\"")
  }

  /// W3C extended as IIS writes it: blanks of the agent become plus signs; a client that left has the code 64 of Windows.
  mutating func writeIis(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let time = CivilTime(Instant(microseconds: request.completion))
    bytes.add(date: time)
    bytes.add(" ")
    bytes.add(clock: time)
    let (page, query) = parts[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)].address
    bytes.add(line: " 192.0.2.10 \(resource.method) \(page) \(query) 443 - \(client) ")
    bytes.add(line: "\(agent(request)) \(referrer(request)) \(kind.written(request.status)) ")
    let codes =
      switch request.status {
      case 499, 504: "0 64"
      case 503: "2 64"
      case 502: "3 12030"
      default: "0 0"
      }
    bytes.add(line: "\(codes) \(sentBytes(request)) ")
    bytes.add(milliseconds(request.duration))
  }

  mutating func writeCaddy(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    let client = incident.crowd.clients[Int(request.client)]
    bytes.add(line: "{\"level\":\"\(request.isFailed ? "error" : "info")\",\"ts\":")
    bytes.add(seconds: request.completion)
    bytes.add(",\"logger\":\"http.log.access\",\"msg\":\"handled request\",\"request\":{")
    bytes.add(line: "\"remote_ip\":\"\(client.address)\",\"remote_port\":\"\(client.port)\",")
    bytes.add(line: "\"client_ip\":\"\(client.address)\",\"proto\":\"HTTP/2.0\",")
    bytes.add(line: "\"method\":\"\(resource.method)\",\"host\":\"\(incident.site.host)\",")
    bytes.add(
      line: "\"uri\":\"\(resource.path)\",\"headers\":{\"User-Agent\":[\"\(agent(request))\"]}},")
    bytes.add("\"bytes_read\":0,\"user_id\":\"\",\"duration\":")
    bytes.add(seconds: request.duration)
    bytes.add(line: ",\"size\":\(sentBytes(request)),\"status\":\(kind.written(request.status))}")
  }

  mutating func writeLogfmt(_ request: SimulatedRequest) {
    let resource = incident.site.resources[Int(request.target)]
    bytes.add("time=")
    bytes.add(stamp: Instant(microseconds: request.completion), decimals: 3)
    bytes.add(line: "Z level=\(request.isFailed ? "error" : "info") msg=request ")
    bytes.add(line: "method=\(resource.method) path=\"\(resource.path)\" ")
    bytes.add(line: "status=\(kind.written(request.status)) ")
    bytes.add(line: "duration=\(milliseconds(request.duration))ms ")
    bytes.add(line: "client_ip=\(incident.crowd.clients[Int(request.client)].address) ")
    bytes.add(line: "bytes=\(sentBytes(request)) host=\(incident.site.host)")
  }
}
