internal import IncidentModel

/// The end of a line.
extension StringReading {
  /// Sets what several fields tell together.
  @inline(__always)
  func settle(
    _ program: FormatProgram, _ cursor: borrowing LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    record.stamp.microseconds &+= fraction
    record.arrival = record.stamp
    switch program.dialect {
    case .nginx, .apache:
      if program.has.lists { lists.apply(cursor, into: &record) }
      if let forwarded { cursor.forwardedClient(forwarded, into: &record) }
    case .haproxy: settleHAProxy(program, cursor, &record)
    case .envoy: settleEnvoy(program, cursor, &record)
    }
    if program.stamp == .completion { record.arriveBeforeStamp() }
  }

  private func settleHAProxy(
    _ program: FormatProgram, _ cursor: borrowing LineCursor, _ record: inout AccessRecord
  ) {
    var hasServer = !program.has.server
    if let server {
      hasServer = !server.isEmpty && cursor.line.byte(at: server.lowerBound) != UInt8(ascii: "<")
      if hasServer {
        let isPair =
          backendName?.upperBound == server.lowerBound - 1
          && cursor.line.byte(at: server.lowerBound - 1) == UInt8(ascii: "/")
        record.backend = cursor.text(
          (isPair ? backendName?.lowerBound ?? 0 : server.lowerBound)..<server.upperBound)
      }
    }
    if let name = backendName ?? frontend, !name.isEmpty {
      let isTLS = cursor.line.byte(at: name.upperBound - 1) == UInt8(ascii: "~")
      record.service = cursor.text(name.lowerBound..<name.upperBound - (isTLS ? 1 : 0))
      record.serviceIsServerSet = !record.service.isEmpty
    }
    if let termination, !program.has.status {
      record.isConnection = true
      record.durationIsNoLatency = true
      record.status = Self.status(
        ofState: cursor.line.byte(at: termination.lowerBound), hasServer: hasServer)
    }
    record.tellsShed = program.has.server || program.has.connectTimer
    record.isShed = record.tellsShed && record.status >= 500 && (!hasServer || connect < 0)
  }

  /// A connection of tcp mode fails by its termination state: it has no status of its own.
  static func status(ofState state: UInt8, hasServer: Bool) -> UInt16 {
    switch state {
    case UInt8(ascii: "C"), UInt8(ascii: "c"): 499
    case UInt8(ascii: "s"): 504
    case UInt8(ascii: "-"): hasServer ? 200 : 503
    default: 503
    }
  }

  private func settleEnvoy(
    _ program: FormatProgram, _ cursor: borrowing LineCursor, _ record: inout AccessRecord
  ) {
    if let forwarded, !cursor.isDash(forwarded) {
      cursor.listedClient(forwarded, into: &record)
    }
    if let cluster {
      EnvoyCluster.service(cluster, cursor, into: &record)
      if record.service.isEmpty && !program.has.host {
        record.service = cursor.text(cluster)
        record.serviceIsServerSet = !record.service.isEmpty
      }
    }
    let range = flags.map { cursor.isDash($0) ? 0..<0 : $0 } ?? 0..<0
    let flags = EnvoyFlags(cursor.line, range)
    if record.status == 0 && record.method.isEmpty && record.agent.isEmpty
      && program.has.flags
    {
      record.isConnection = true
      record.durationIsNoLatency = true
      if flags.isEmpty && !record.backend.isEmpty { record.status = 200 }
      if flags.isFailure { record.status = 503 }
    }
    let knowsBackend = program.has.backend
    record.tellsShed = knowsBackend || program.has.flags
    record.isShed =
      record.status >= 500 && (flags.isShed || knowsBackend && record.backend.isEmpty)
  }
}
