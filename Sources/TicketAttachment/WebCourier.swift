internal import Dispatch
internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// Carries requests over the network by Foundation's own means.
///
/// Each request has a session, and so a connection, of its own: on a connection that was used before, libcurl sends a request again without a word if the server drops it unanswered, and a comment would be posted twice.
package struct WebCourier: Courier {
  /// Seconds for one exchange, from the first byte sent to the last byte received.
  private let limitSeconds: Double

  package init(limitSeconds: Double = 60) {
    self.limitSeconds = limitSeconds
    _ = Self.withoutProxyForLoopback
  }

  /// Has libcurl, which takes its proxies from the environment, go straight to this machine: a proxy would get the token in the clear.
  private static let withoutProxyForLoopback: Void = {
    let loopback = ["localhost", "127.0.0.1", "::1", "[::1]"]
    let environment = ProcessInfo.processInfo.environment
    let given = environment["no_proxy"] ?? environment["NO_PROXY"]
    if given == "*" { return }
    let all = (given.map { [$0] } ?? []) + loopback
    // Both strings are lent for the call, which copies them; it comes before this process has asked for anything over the network.
    _ = unsafe setenv("no_proxy", all.joined(separator: ","), 1)
  }()

  /// One exchange on a connection of its own.
  package func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPAnswer {
    guard let address = URL(string: request.address) else { throw .malformed }
    var outgoing = URLRequest(url: address)
    outgoing.httpMethod = request.method
    for header in request.headers {
      outgoing.setValue(header.value, forHTTPHeaderField: header.name)
    }
    if !request.body.isEmpty { outgoing.httpBody = Data(request.body) }
    outgoing.timeoutInterval = limitSeconds
    outgoing.httpShouldHandleCookies = false
    let result = await Self.exchange(outgoing, limitSeconds: limitSeconds)
    return try result.get()
  }

  private static func exchange(
    _ request: URLRequest, limitSeconds: Double
  ) async -> Result<HTTPAnswer, TransportFailure> {
    await withCheckedContinuation { continuation in
      let reception = Reception { continuation.resume(returning: $0) }
      let session = URLSession(
        configuration: configuration(), delegate: reception, delegateQueue: nil)
      let task = session.dataTask(with: request)
      // Foundation's own limit is on silence; a server that sends a byte now and then would hold it for ever.
      DispatchQueue.global().asyncAfter(deadline: .now() + limitSeconds) {
        reception.giveUp()
        task.cancel()
      }
      task.resume()
      session.finishTasksAndInvalidate()
    }
  }

  /// Nothing is kept from one request to the next: no cookie, no cache, no credential.
  private static func configuration() -> URLSessionConfiguration {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    return configuration
  }
}

/// The answer to one request as it comes in.
private final class Reception: NSObject, URLSessionDataDelegate, Sendable {
  private struct State {
    var body: [UInt8] = []
    var isTooLong = false
    var isLate = false
    var isChallenged = false
    var isOver = false
  }

  /// Bytes; a page of a hundred long comments stays far below.
  private static let longestAnswer = 32 << 20

  private let state = Mutex(State())
  private let finish: @Sendable (Result<HTTPAnswer, TransportFailure>) -> Void

  init(finish: @escaping @Sendable (Result<HTTPAnswer, TransportFailure>) -> Void) {
    self.finish = finish
  }

  /// The time is up.
  func giveUp() { state.withLock { $0.isLate = true } }

  /// A redirect is an answer like any other: a token never follows it.
  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  /// A refusal is an answer too: without this Foundation waits for a credential that nobody has, and then drops the answer.
  func urlSession(
    _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
    completionHandler:
      @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
  ) {
    state.withLock { $0.isChallenged = true }
    completionHandler(.cancelAuthenticationChallenge, nil)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLong = state.withLock { state in
      if state.body.count + data.count > Self.longestAnswer {
        state.isTooLong = true
      } else {
        state.body += data
      }
      return state.isTooLong
    }
    if isTooLong { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    let state = self.state.withLock { state in
      defer { state.isOver = true }
      return state
    }
    guard !state.isOver else { return }
    finish(result(of: task, error, state))
  }

  private func result(
    of task: URLSessionTask, _ error: (any Error)?, _ state: State
  ) -> Result<HTTPAnswer, TransportFailure> {
    if state.isTooLong { return .failure(.tooLong) }
    if state.isLate { return .failure(.timedOut) }
    if let error, !state.isChallenged { return .failure(Self.failure(error)) }
    guard let response = task.response as? HTTPURLResponse else { return .failure(.cutOff) }
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields {
      if let name = name as? String, let value = value as? String {
        headers[name.lowercased()] = value
      }
    }
    return .success(HTTPAnswer(status: response.statusCode, headers: headers, body: state.body))
  }

  private static func failure(_ error: any Error) -> TransportFailure {
    switch (error as? URLError)?.code {
    case .cannotFindHost, .dnsLookupFailed: .unknownHost
    case .cannotConnectToHost, .notConnectedToInternet: .refused
    case .timedOut: .timedOut
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid,
      .clientCertificateRejected, .clientCertificateRequired:
      .untrusted
    case .badURL, .unsupportedURL: .malformed
    default: .cutOff
    }
  }
}
