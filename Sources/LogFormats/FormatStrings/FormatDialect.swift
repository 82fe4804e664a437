package import IncidentModel

/// Whose format strings a text is written in.
package enum FormatDialect: String, CaseIterable, Sendable {
  case nginx, apache, haproxy, envoy

  /// How the report calls an input that was read by such a string.
  package var label: String { "\(rawValue) string" }

  /// The lines of a string in this dialect, for ``ReaderOptions``.
  package var format: LogFormat {
    switch self {
    case .nginx: .access(NginxStringLines.self)
    case .apache: .access(ApacheStringLines.self)
    case .haproxy: .access(HAProxyStringLines.self)
    case .envoy: .access(EnvoyStringLines.self)
    }
  }

  /// What its stamps mean where the string does not say otherwise.
  var stamp: StampMeaning { self == .nginx ? .completion : .arrival }
}

/// Lines of a format string that the user gave: what they carry is the string's own.
package protocol StringLines: AccessFormat {}

extension StringLines {
  package static var fields: Set<FormatField> { [] }
  package static var strictness: Int { 100 }

  /// Reads the line by the program in the context.
  // A call of its own for each line costs an eighth of the speed.
  @inline(__always)
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    try FormatProgram.parse(line, in: &context, into: &record)
  }
}

/// Lines of an nginx `log_format` that the user gave.
package enum NginxStringLines: StringLines {
  package static let name = "nginx string"
  package static let summary = "a log_format of nginx"
  package static let example = "$remote_addr - $remote_user [$time_local] \"$request\" $status"
  package static let stamp: StampMeaning? = .completion
}

/// Lines of an Apache `LogFormat` that the user gave.
package enum ApacheStringLines: StringLines {
  package static let name = "apache string"
  package static let summary = "a LogFormat of Apache"
  package static let example = "%h %l %u %t \"%r\" %>s %b %D"
  package static let stamp: StampMeaning? = .arrival
}

/// Lines of a HAProxy `log-format` that the user gave.
package enum HAProxyStringLines: StringLines {
  package static let name = "haproxy string"
  package static let summary = "a log-format of HAProxy"
  package static let example = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %{+Q}r"
  package static let stamp: StampMeaning? = .arrival
}

/// Lines of an Envoy format string that the user gave.
package enum EnvoyStringLines: StringLines {
  package static let name = "envoy string"
  package static let summary = "a format string of Envoy"
  package static let example = "[%START_TIME%] \"%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%\""
  package static let stamp: StampMeaning? = .arrival
}
