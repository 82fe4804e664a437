package import IncidentModel

/// Text from outside for a message or progress line of the command: file names, log lines, a server's answer.
package enum TerminalText {
  /// The text in one line without control characters, secrets masked by pattern, in at most 160 scalars.
  package static func masked(_ text: LogText) -> String {
    Door(redactor: Redactor(settings: RedactionSettings())).admit(text, limit: .evidence).terminal
  }

  /// A file's name as it was found, in one line without control characters.
  package static func name(_ file: String) -> String {
    Door(redactor: Redactor(settings: RedactionSettings()))
      .admit(LogText(file, kind: .file), limit: .path).terminal
  }

  /// The printed form of a position: `web-1.log.gz:1042`, `logs.tar.gz!web-1.log:1042`.
  package static func place(_ name: InputName, line: Int) -> String {
    Self.name(place(name)) + ":\(line)"
  }

  static func place(_ name: InputName) -> String {
    name.member.map { name.file + "!" + $0 } ?? name.file
  }
}
