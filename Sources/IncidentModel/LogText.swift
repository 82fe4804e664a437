/// Text that came from outside: from a log line, a note, a file name.
///
/// It is hostile until ReportWriting's door has redacted, escaped and clipped it. Nothing but that door turns it into a `String` that is shown.
package struct LogText: Hashable, Sendable {
  /// What the text is; decides how it is masked.
  package enum Kind: Hashable, Sendable {
    /// A whole log line or JSON object.
    case line
    /// A path or URL.
    case path
    /// The name of a service, host, group, instance, zone or route.
    case name
    /// A client's address, alone.
    case address
    /// A client network such as `203.0.113.0/24`.
    case network
    /// The software that a client named.
    case agent
    /// What a person wrote.
    case note
    /// A file's name as it was found.
    case file
    /// A fragment of a provider's or autoscaler's message.
    case message
  }

  package var bytes: [UInt8]
  package var kind: Kind

  package init(bytes: [UInt8], kind: Kind) {
    self.bytes = bytes
    self.kind = kind
  }

  /// Text that is already a `String`, such as a service's interned name.
  package init(_ text: String, kind: Kind) {
    self.bytes = Array(text.utf8)
    self.kind = kind
  }
}
