/// Where a line stands: which input, which line of it, and at which byte of the decompressed member.
package struct LogPosition: Hashable, Comparable, Sendable {
  /// Index into the run's inputs, which are sorted by file and member.
  package var input: Int
  /// Counted from 1 within the decompressed member; of a JSON document the line on which the object begins.
  package var line: Int
  /// Byte offset of the line's (or object's) first byte in the decompressed member.
  package var offset: Int

  package init(input: Int, line: Int, offset: Int) {
    self.input = input
    self.line = line
    self.offset = offset
  }

  package static func < (left: LogPosition, right: LogPosition) -> Bool {
    (left.input, left.offset) < (right.input, right.offset)
  }
}

/// The name of an input: the file below the PATH that was given, and the members on the way into it.
package struct InputName: Hashable, Comparable, Sendable {
  /// Relative to the PATH under which it was found, with `/` between folders.
  package var file: String
  /// `logs.tar!web-1.log` inside an archive, nil for a plain or merely compressed file.
  package var member: String?

  package init(file: String, member: String? = nil) {
    self.file = file
    self.member = member
  }

  /// File and members in one, such as `a.zip!logs.tar.gz!web-1.log`.
  package var joined: String { member.map { file + "!" + $0 } ?? file }

  package static func < (left: InputName, right: InputName) -> Bool {
    (left.file, left.member ?? "") < (right.file, right.member ?? "")
  }
}
