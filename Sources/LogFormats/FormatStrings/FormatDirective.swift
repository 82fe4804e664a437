internal import IncidentModel

/// What a field of a format string tells.
enum StringField: UInt8, Sendable {
  /// Known and not needed, or opaque.
  case skip
  case clock, clockPart
  case request, method, target, query, version
  case status, upstreamStatus, bytes
  case duration, upstreamTime, upstreamTimes
  /// Apache's `%l`, which nobody fills.
  case ident
  case client, forwarded, user, referrer, agent
  /// The host that the client asked for, the one that the server is called, ingress-nginx's upstream, Envoy's cluster.
  case host, serverName, upstreamName, cluster
  case backends, backend, cache, tls, requestID
  /// HAProxy's names, timers and the rest.
  case frontend, backendName, server, connectTimer, retries, termination, captures
  /// Envoy's count of attempts, the first among them.
  case attempts
  /// Envoy's response flags.
  case flags
}

/// How a moment is written.
enum ClockForm: Sendable, Equatable {
  /// `05/Mar/2024:14:03:22 +0000`, and the same with milliseconds and without a zone.
  case common, local
  case iso
  /// Seconds, or parts of them, since 1970.
  case epoch
  /// A pattern of `strftime`.
  case pattern([ClockPart])
}

/// One variable of a format string.
struct FormatDirective {
  var field = StringField.skip
  /// Of several directives for the same thing the highest wins.
  var rank = 0
  /// Microseconds of one unit, for durations.
  var unit: Int64 = 1_000_000
  var clock: ClockForm?
  /// What a stamp of it means, where that differs from the dialect's.
  var stamp: StampMeaning?
  /// As it was written, for messages.
  var name = ""
  /// Its first byte in the string.
  var place = 0
  /// It is a variable of the user's own configuration.
  var isOwn = false
  /// The address has a port behind it.
  var hasPort = false
}

/// A piece of a format string.
enum FormatPiece {
  case literal([UInt8], place: Int)
  case directive(FormatDirective)
}
