package import IncidentModel

/// Text from outside for what the command itself prints: file names, log lines, a server's answer.
///
/// Nothing that a terminal obeys gets through. Only ``masked(_:)`` masks secrets: the rest is for the one who holds the logs.
package enum TerminalText {
  /// The text in one line without control characters, secrets masked by pattern, in at most 160 scalars.
  package static func masked(_ text: LogText) -> String {
    Door(redactor: Redactor(settings: RedactionSettings())).admit(text, limit: .evidence).terminal
  }

  /// The text in one line without control characters, in at most 160 scalars.
  package static func visible(_ text: LogText) -> String {
    open().admit(text, limit: .evidence).terminal
  }

  /// A whole log line without control characters, however long it is up to 64 KiB.
  package static func line(_ bytes: [UInt8]) -> String {
    open().admit(LogText(bytes: bytes, kind: .line), limit: .path).terminal
  }

  /// All of a text in one line without control characters, however long it is.
  package static func whole(_ bytes: [UInt8]) -> String {
    var visible = VisibleText()
    visible.append(bytes)
    return visible.atoms.joined()
  }

  /// A file's name as it was found, in one line without control characters.
  package static func name(_ file: String) -> String {
    open().admit(LogText(file, kind: .file), limit: .path).terminal
  }

  /// The printed form of a position: `web-1.log.gz:1042`, `logs.tar.gz!web-1.log:1042`; without `line` that of an input.
  package static func place(_ name: InputName, line: Int? = nil) -> String {
    Self.name(path(of: name)) + (line.map { ":\($0)" } ?? "")
  }

  /// A sentence with its figures as the report writes them.
  package static func sentence(_ sentence: Sentence) -> String {
    let clock = Clock(titleDay: Instant(seconds: 0))
    return Phrase(sentence, door: open(), clock: clock).plain
  }

  /// A whole number with marks between thousands: `104,857`.
  package static func count(_ number: Int) -> String { Figure.count(number).text }

  static func path(of name: InputName) -> String {
    name.member.map { name.file + "!" + $0 } ?? name.file
  }

  private static func open() -> Door {
    var settings = RedactionSettings()
    settings.isOn = false
    return Door(redactor: Redactor(settings: settings))
  }
}
