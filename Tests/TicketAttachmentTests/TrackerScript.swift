import FloodmarkTestSupport
import Foundation
import Synchronization
import Testing

@testable import TicketAttachment

/// A server that expects certain requests in a certain order and complains of anything else.
final class TrackerScript: Sendable {
  struct Step: Sendable {
    var method: String
    var target: String
    var answer: ScriptedAnswer
    /// Texts that the body must hold.
    var holds: [String] = []
  }

  private let server: LoopbackServer
  private let state: State

  private final class State: Sendable {
    let steps: Mutex<ArraySlice<Step>>
    let complaints = Mutex<[String]>([])
    /// Headers that every request must carry.
    let always: [String: String]

    init(_ steps: [Step], always: [String: String]) {
      self.steps = Mutex(steps[...])
      self.always = always
    }

    func respond(_ request: ReceivedRequest) -> ScriptedAnswer {
      guard let step = steps.withLock({ $0.popFirst() }) else {
        return complain("\(request.method) \(request.target) was not expected at all")
      }
      if request.method != step.method || request.target != step.target {
        return complain(
          "\(request.method) \(request.target) came for \(step.method) \(step.target)")
      }
      for (name, value) in always where request.headers[name] != value {
        return complain("\(request.target) has \(name): \(request.headers[name] ?? "nothing")")
      }
      for text in step.holds where !request.text.contains(text) {
        return complain("\(request.target) does not hold \(text) but \(request.text)")
      }
      if request.method == "GET" && !request.body.isEmpty {
        return complain("\(request.target) has a body")
      }
      return step.answer
    }

    private func complain(_ text: String) -> ScriptedAnswer {
      complaints.withLock { $0.append(text) }
      return .answer(418, headers: [:], body: "{}")
    }
  }

  init(_ steps: [Step], always: [String: String]) throws {
    let state = State(steps, always: always.merging(["user-agent": "floodmark"]) { own, _ in own })
    self.state = state
    server = try LoopbackServer { state.respond($0) }
  }

  var address: String { server.address }
  var port: Int { server.port }
  var requests: [ReceivedRequest] { server.requests }

  /// Records whatever did not go by the script.
  func expectDone(sourceLocation: SourceLocation = #_sourceLocation) {
    let complaints = state.complaints.withLock { $0 }
    #expect(complaints.isEmpty, sourceLocation: sourceLocation)
    let left = state.steps.withLock { Array($0) }.map { "\($0.method) \($0.target)" }
    #expect(left.isEmpty, sourceLocation: sourceLocation)
  }
}

extension TrackerScript.Step {
  static func get(
    _ target: String, _ body: String, headers: [String: String] = [:], status: Int = 200
  ) -> Self {
    Self(method: "GET", target: target, answer: .answer(status, headers: headers, body: body))
  }

  static func write(
    _ method: String, _ target: String, _ status: Int, _ body: String = "{}",
    headers: [String: String] = [:], holds: [String] = []
  ) -> Self {
    Self(
      method: method, target: target, answer: .answer(status, headers: headers, body: body),
      holds: holds)
  }
}

/// The waits that a run asked for; none is waited.
final class Waits: Sendable {
  private let seconds = Mutex<[Int]>([])

  var all: [Int] { seconds.withLock { $0 } }

  var pause: Pause {
    { [self] wait in seconds.withLock { $0.append(wait) } }
  }
}

enum Sample {
  static let digest = String(repeating: "ab12", count: 16)
  static let otherDigest = String(repeating: "cd34", count: 16)
  static let subject = "floodmark-incident I1 2018-07-16T17:30:00Z/2018-07-16T19:30:00Z"
  static let token = "secret-token-of-the-tests"

  static func parcel(files: [String] = ["report.md", "report.json"]) -> Parcel {
    Parcel(
      digest: digest, subject: subject,
      files: files.map {
        Parcel.File(name: $0, mediaType: "text/markdown", bytes: Array("file \($0)".utf8))
      }
    ) { places, replaced in
      let links = places.map { "\($0.name)=\($0.address ?? "-")" }
      let lead = replaced.map { "Replaces the report of \($0)\n\n" } ?? ""
      return lead + links.joined(separator: " ") + "\n\n`\(subject)`\n\n" + marker(digest) + "\n"
    }
  }

  static func marker(_ digest: String) -> String { "`floodmark-report sha256:\(digest)`" }

  /// A comment as JSON string contents.
  static func comment(_ digest: String) -> String {
    "Head\\n\\n`\(subject)`\\n\\n\(marker(digest))"
  }

  static func access(
    _ target: String, _ settings: [String: String]
  ) throws -> TrackerAccess {
    try TrackerAccess(
      TicketTarget(parsing: target), settings: TrackerSettings(environment: settings))
  }

  static func run(
    _ target: String, _ settings: [String: String], parcel: Parcel = parcel(),
    replaces: Bool = false,
    options: TicketOptions = TicketOptions(isInternal: false, visibility: nil),
    waits: Waits = Waits(), limitSeconds: Double = 20
  ) async throws -> TicketDelivery.Receipt {
    let delivery = TicketDelivery(
      try access(target, settings), options: options,
      courier: WebCourier(limitSeconds: limitSeconds), pause: waits.pause)
    return try await delivery.run(parcel, replaces: replaces)
  }

  /// What a run fails of; a run that does not fail is recorded.
  static func failure(
    _ target: String, _ settings: [String: String], parcel: Parcel = parcel(),
    waits: Waits = Waits(), limitSeconds: Double = 20,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> AttachFailure {
    do {
      let receipt = try await run(
        target, settings, parcel: parcel, waits: waits, limitSeconds: limitSeconds)
      Issue.record("it ended with \(receipt)", sourceLocation: sourceLocation)
    } catch let failure as AttachFailure {
      #expect(!String(describing: failure).contains(token), sourceLocation: sourceLocation)
      return failure
    }
    throw CancellationError()
  }
}
