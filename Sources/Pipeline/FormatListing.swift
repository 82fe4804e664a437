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
