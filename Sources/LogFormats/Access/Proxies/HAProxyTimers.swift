internal import IncidentModel

/// HAProxy's timers in microseconds: `TR/Tw/Tc/Tr/Ta` of an HTTP line, `Tw/Tc/Tt` of a TCP line; -1 where a phase was not reached (FORMATS §1.4).
struct HAProxyTimers {
  private(set) var count = 0
  private(set) var connect: Int64 = -1
  /// The server's first byte; -1 too for a connection.
  private(set) var response: Int64 = -1
  private(set) var total: Int64 = -1
  /// `+N` of `logasap`: the end was not waited for.
  private(set) var isLowerBound = false

  /// Reads the values between slashes.
  @inline(__always)
  init(_ cursor: inout LineCursor) throws(LineError) {
    let start = cursor.position
    var values = (Int64(-1), Int64(-1), Int64(-1), Int64(-1), Int64(-1))
    while count < 5 {
      if count > 0 {
        if !cursor.skip(UInt8(ascii: "/")) { break }
      }
      isLowerBound = cursor.skip(UInt8(ascii: "+"))
      let value = try cursor.decimalOrDash("a timer is not a number")
      values = (values.1, values.2, values.3, values.4, value < 0 ? -1 : value &* 1_000)
      count += 1
    }
    if count != 5 && count != 3 { throw LineError("there are not three or five timers", at: start) }
    total = values.4
    connect = count == 5 ? values.2 : values.3
    response = count == 5 ? values.3 : -1
  }

  /// The same values read one by one.
  init(connect: Int64, response: Int64, total: Int64) {
    count = 5
    self.connect = connect
    self.response = response
    self.total = total
  }
}

extension AccessRecord {
  /// Total and server time; a lower bound is no latency.
  @inline(__always)
  mutating func setDurations(_ timers: HAProxyTimers) {
    duration = timers.total
    upstreamDuration = timers.response
    durationIsNoLatency = timers.isLowerBound
  }
}
