internal import FoundationEssentials
internal import IncidentModel

/// Waits so many seconds; a test only counts them.
package typealias Pause = @Sendable (_ seconds: Int) async -> Void

/// What became of a request that changes something.
enum Written<Value: Sendable>: Sendable {
  case done(Value)
  /// It may have happened: the server must be looked at before a second try.
  case unknown(AttachFailure)
}

/// The exchanges of one run with one server: who asks, how often, and how long it waits in all.
actor Exchange {
  /// Without a slash at its end; every request goes below it.
  nonisolated let base: String
  private let courier: any Courier
  private let headers: [(name: String, value: String)]
  private let pause: Pause
  private var waited = 0
  private var writes = 0

  /// Seconds that all waits of a run together may take.
  private static let patience = 120
  private static let attempts = 4

  init(
    base: String, headers: [(name: String, value: String)], courier: any Courier,
    pause: @escaping Pause
  ) {
    self.base = base
    self.headers = headers
    self.courier = courier
    self.pause = pause
  }

  /// A GET: repeated when the server or the network fails, as nothing can happen twice.
  func read(_ path: String, _ step: AttachFailure.Step) async throws(AttachFailure) -> HTTPAnswer {
    var attempt = 1
    while true {
      var delay = attempt
      let failure: AttachFailure
      switch await attempted(request("GET", path)) {
      case .success(let answer):
        if (200..<300).contains(answer.status) { return answer }
        failure = Self.failure(of: answer, step)
        if let seconds = RateLimit.seconds(in: answer, now: Date()) {
          delay = seconds
        } else if answer.status < 500 {
          throw failure
        }
      case .failure(let error):
        failure = AttachFailure(step, .transport(error))
        if error.provesUnsent && error != .refused { throw failure }
      }
      guard attempt < Self.attempts else { throw failure }
      try await wait(delay, step)
      attempt += 1
    }
  }

  /// A request that changes something: sent once, and again only where the server said that it did not look at it.
  func write(
    _ method: String, _ path: String, _ step: AttachFailure.Step, type: String, body: [UInt8],
    more: [(name: String, value: String)] = []
  ) async throws(AttachFailure) -> Written<HTTPAnswer> {
    // GitHub asks for a second between writes; the others don't mind.
    if writes > 0 { await pause(1) }
    writes += 1
    var attempt = 1
    while true {
      let answer: HTTPAnswer
      switch await attempted(
        request(method, path, body: body, more: [("Content-Type", type)] + more))
      {
      case .success(let received): answer = received
      case .failure(let error):
        var failure = AttachFailure(step, .transport(error))
        if error.provesUnsent { throw failure }
        failure.isUncertain = true
        return .unknown(failure)
      }
      if (200..<300).contains(answer.status) { return .done(answer) }
      var failure = Self.failure(of: answer, step)
      let seconds = RateLimit.seconds(in: answer, now: Date())
      if answer.status >= 500 {
        failure.isUncertain = true
        if let seconds {
          guard waited + seconds <= Self.patience else {
            failure.problem = .askedToWait(seconds: seconds)
            throw failure
          }
          try await wait(seconds, step)
        }
        return .unknown(failure)
      }
      guard let seconds, attempt < Self.attempts else { throw failure }
      try await wait(seconds, step)
      attempt += 1
    }
  }

  /// Waits, unless the run would wait too long in all.
  private func wait(_ seconds: Int, _ step: AttachFailure.Step) async throws(AttachFailure) {
    guard waited + seconds <= Self.patience else {
      throw AttachFailure(step, .askedToWait(seconds: seconds))
    }
    waited += seconds
    await pause(seconds)
  }

  private func attempted(_ request: HTTPRequest) async -> Result<HTTPAnswer, TransportFailure> {
    do throws(TransportFailure) {
      return .success(try await courier.send(request))
    } catch {
      return .failure(error)
    }
  }

  private func request(
    _ method: String, _ path: String, body: [UInt8] = [],
    more: [(name: String, value: String)] = []
  ) -> HTTPRequest {
    let common = [(name: "User-Agent", value: "floodmark")]
    return HTTPRequest(
      method: method, address: base + path, headers: common + headers + more, body: body)
  }

  private static func failure(of answer: HTTPAnswer, _ step: AttachFailure.Step) -> AttachFailure {
    let problem: AttachFailure.Problem
    if (300..<400).contains(answer.status) {
      problem = .moved(to: answer.headers["location"].map { LogText($0, kind: .line) })
    } else {
      problem = .refused(status: answer.status, message: ServerMessage.text(in: answer.body))
    }
    return AttachFailure(step, problem, requestID: answer.requestID)
  }
}
