internal import Foundation
internal import Synchronization

/// What a client sent.
package struct ReceivedRequest: Sendable {
  package var method: String
  /// Path and query as they stood in the request line.
  package var target: String
  /// By name in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  /// The body as text.
  package var text: String { String(decoding: body, as: UTF8.self) }
}

/// What a server of a test does with a request that it has read.
package enum ScriptedAnswer: Sendable {
  case answer(Int, headers: [String: String], body: String)
  /// The connection is reset, and the client never learns what became of its request.
  case reset
  /// A head, and then a byte now and then until the client goes away.
  case dribble
}

/// A web server on the loopback address that reads one request at a time and answers by a script.
package final class LoopbackServer: Sendable {
  /// Why there is no server.
  package struct Unavailable: Error {}

  package let port: Int
  private let descriptor: Int32
  private let log = Log()
  private let isStopped = Mutex(false)

  private final class Log: Sendable {
    let requests = Mutex<[ReceivedRequest]>([])
  }

  /// Begins to listen; `respond` is asked once for each request, in order.
  package init(respond: @escaping @Sendable (ReceivedRequest) -> ScriptedAnswer) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Unavailable() }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let own = descriptor
    // The C calls take any socket address under its common head, which is this structure's own beginning.
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { head in
        unsafe bind(own, head, length) == 0 && getsockname(own, head, &length) == 0
      }
    }
    guard isBound, listen(descriptor, 16) == 0 else {
      close(descriptor)
      throw Unavailable()
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    let log = log
    Thread.detachNewThread {
      while case let client = accept(own, nil, nil), client >= 0 {
        Self.serve(client, log, respond)
      }
      close(own)
    }
  }

  deinit { stop() }

  /// Listens no more.
  package func stop() {
    // Once only: the thread that this wakes closes the socket, and its number may be another one's then.
    let isFirst = isStopped.withLock { stopped in
      defer { stopped = true }
      return !stopped
    }
    if isFirst { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  /// What was asked so far.
  package var requests: [ReceivedRequest] { log.requests.withLock { $0 } }

  /// `http://127.0.0.1:PORT`
  package var address: String { "http://127.0.0.1:\(port)" }

  private static func serve(
    _ client: Int32, _ log: Log, _ respond: (ReceivedRequest) -> ScriptedAnswer
  ) {
    defer { close(client) }
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    unsafe setsockopt(
      client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard let request = read(client) else { return }
    log.requests.withLock { $0.append(request) }
    switch respond(request) {
    case .answer(let status, let headers, let body):
      var lines = ["HTTP/1.1 \(status) Scripted"]
      lines += headers.map { "\($0.key): \($0.value)" }
      if status != 204 { lines.append("Content-Length: \(body.utf8.count)") }
      lines += ["Connection: close", "", ""]
      _ = send(client, lines.joined(separator: "\r\n") + body)
    case .reset:
      var now = linger(l_onoff: 1, l_linger: 0)
      unsafe setsockopt(
        client, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    case .dribble:
      guard send(client, "HTTP/1.1 200 Scripted\r\nContent-Length: 1000000\r\n\r\n") else { return }
      for _ in 0..<500 {
        guard send(client, " ") else { return }
        usleep(20_000)
      }
    }
  }

  private static func send(_ client: Int32, _ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // The bytes are lent for the call only.
      let sent = unsafe rest.withUnsafeBytes { bytes in
        unsafe Foundation.send(client, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func read(_ client: Int32) -> ReceivedRequest? {
    var bytes: [UInt8] = []
    var request: ReceivedRequest?
    var needed = Int.max
    while bytes.count < needed {
      var block = [UInt8](repeating: 0, count: 65_536)
      // The bytes are lent for the call only.
      let count = unsafe block.withUnsafeMutableBytes { buffer in
        unsafe recv(client, buffer.baseAddress, buffer.count, 0)
      }
      guard count > 0 else { return nil }
      bytes += block[..<count]
      if request == nil, let (head, length) = head(of: bytes) {
        needed = length + head.bodyLength
        request = head
      }
    }
    guard var request else { return nil }
    request.body = Array(bytes.suffix(request.bodyLength))
    return request
  }

  private static func head(of bytes: [UInt8]) -> (ReceivedRequest, length: Int)? {
    let end = Array("\r\n\r\n".utf8)
    guard
      let start = bytes.indices.first(where: { bytes[$0...].starts(with: end) })
    else { return nil }
    let lines = String(decoding: bytes[..<start], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let split = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: split)...].trimmingCharacters(in: .whitespaces)
      headers[line[..<split].lowercased()] = value
    }
    let request = ReceivedRequest(
      method: String(words[0]), target: String(words[1]), headers: headers, body: [])
    return (request, start + 4)
  }
}

extension ReceivedRequest {
  fileprivate var bodyLength: Int { headers["content-length"].flatMap { Int($0) } ?? 0 }
}
