internal import LogFormats

/// `floodmark formats`: the registry as values.
package struct FormatListing: Sendable {
  package var name: String
  package var summary: String
  package var example: String
  /// What its lines carry, such as `duration`; empty for capacity formats.
  package var fields: [String]
  package var isAccess: Bool

  /// Every format, those of access logs first, each half sorted by name.
  package static var all: [FormatListing] {
    FormatRegistry.access.map { format in
      FormatListing(
        name: format.name, summary: format.summary, example: format.example,
        fields: FormatField.allCases.filter(format.fields.contains).map(\.rawValue), isAccess: true)
    }
      + FormatRegistry.capacity.map { format in
        FormatListing(
          name: format.name, summary: format.summary, example: format.example, fields: [],
          isAccess: false)
      }
  }
}

/// `floodmark formats`: a server whose format strings `--log-format` takes as they are.
package struct DialectListing: Sendable {
  /// What stands in front of a string where it is not clear whose it is, such as `apache`.
  package var name: String
  package var summary: String
  package var example: String
  /// Directives by the unit of the number that they write, such as `µs: %D, %{us}T`.
  package var units: [String]

  /// nginx, Apache, HAProxy, Envoy.
  package static var all: [DialectListing] {
    FormatDialect.allCases.map { dialect in
      let kinds: [(words: String, unit: String, isMoment: Bool)] = ["s", "ms", "µs"].flatMap {
        [($0, $0, false), ("\($0) since 1970", $0, true)]
      }
      let units = kinds.compactMap { kind -> String? in
        let found = dialect.units.filter { $0.unit == kind.unit && $0.isMoment == kind.isMoment }
        return found.isEmpty
          ? nil : "\(kind.words): \(found.map(\.directive).joined(separator: ", "))"
      }
      return DialectListing(
        name: dialect.rawValue, summary: dialect.summary, example: dialect.example, units: units)
    }
  }
}
