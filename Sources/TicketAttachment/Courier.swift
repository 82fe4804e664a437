internal import IncidentModel

/// One request to a tracker: finished bytes, and headers of which one may hold a secret.
package struct HTTPRequest: Sendable {
  package var method: String
  /// The whole address, query included.
  package var address: String
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]

  package init(
    method: String, address: String, headers: [(name: String, value: String)], body: [UInt8] = []
  ) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
  }
}

/// What a server said.
package struct HTTPAnswer: Sendable {
  package var status: Int
  /// By name in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  package init(status: Int, headers: [String: String], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// What the server calls this exchange, for the one who asks its administrators.
  var requestID: LogText? {
    let names = ["x-github-request-id", "x-request-id", "x-arequestid", "x-gitlab-meta-request-id"]
    return names.lazy.compactMap { headers[$0] }.first.map { LogText($0, kind: .line) }
  }
}

/// Why there is no answer.
package enum TransportFailure: Error, Hashable, Sendable {
  /// The host has no address.
  case unknownHost
  /// Nobody listens there.
  case refused
  /// The certificate or the handshake.
  case untrusted
  case timedOut
  /// The connection ended before the answer did.
  case cutOff
  /// More bytes than any answer of a tracker has.
  case tooLong
  /// The address is none.
  case malformed

  /// Whether the request can't have reached the server.
  package var provesUnsent: Bool {
    switch self {
    case .unknownHost, .refused, .untrusted, .malformed: true
    case .timedOut, .cutOff, .tooLong: false
    }
  }
}

/// Who carries requests: the network, or a test's script.
package protocol Courier: Sendable {
  /// One exchange: no redirect is followed, nothing is repeated.
  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPAnswer
}
