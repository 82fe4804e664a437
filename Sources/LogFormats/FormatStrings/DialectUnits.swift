/// The unit in which a directive of a format string writes a number.
package struct DirectiveUnit: Hashable, Sendable {
  /// As it is written in the string, such as `%D`.
  package var directive: String
  /// `s`, `ms` or `µs`.
  package var unit: String
  /// It is a moment since 1970, and no duration.
  package var isMoment = false

  init(_ directive: String, _ unit: String, isMoment: Bool = false) {
    self.directive = directive
    self.unit = unit
    self.isMoment = isMoment
  }
}

extension FormatDialect {
  /// What a string of the dialect is, in one line.
  package var summary: String {
    switch self {
    case .nginx: NginxStringLines.summary
    case .apache: ApacheStringLines.summary
    case .haproxy: HAProxyStringLines.summary
    case .envoy: EnvoyStringLines.summary
    }
  }

  /// A string of the dialect.
  package var example: String {
    switch self {
    case .nginx: NginxStringLines.example
    case .apache: ApacheStringLines.example
    case .haproxy: HAProxyStringLines.example
    case .envoy: EnvoyStringLines.example
    }
  }

  /// The units of its numbers that are times: what the servers' own documentation says.
  package var units: [DirectiveUnit] {
    switch self {
    case .nginx:
      [
        DirectiveUnit("$request_time", "s"), DirectiveUnit("$upstream_response_time", "s"),
        DirectiveUnit("$msec", "s", isMoment: true),
      ]
    case .apache:
      [
        DirectiveUnit("%D", "µs"), DirectiveUnit("%T", "s"), DirectiveUnit("%{ms}T", "ms"),
        DirectiveUnit("%{us}T", "µs"), DirectiveUnit("%{sec}t", "s", isMoment: true),
        DirectiveUnit("%{msec}t", "ms", isMoment: true),
        DirectiveUnit("%{usec}t", "µs", isMoment: true),
      ]
    case .haproxy:
      [
        DirectiveUnit("%Ta", "ms"), DirectiveUnit("%Tt", "ms"), DirectiveUnit("%Tu", "ms"),
        DirectiveUnit("%Tr", "ms"), DirectiveUnit("%Ts", "s", isMoment: true),
      ]
    case .envoy:
      [
        DirectiveUnit("%DURATION%", "ms"), DirectiveUnit("%RESPONSE_DURATION%", "ms"),
        DirectiveUnit("%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", "ms"),
      ]
    }
  }
}
