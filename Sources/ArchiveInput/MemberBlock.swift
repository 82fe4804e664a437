package import IncidentModel

/// A run of whole lines of one member. Only the very last line of a member may lack its newline.
package struct MemberBlock: Sendable {
  /// The lines stand in the first ``count`` bytes; what follows is leftover of earlier use.
  package var bytes: [UInt8]
  package var count: Int
  /// Where its first byte stands in the decompressed member.
  package var offset: Int
  /// Lines that were too long and stood directly before this block; each counts as one line. See ``CutLine``.
  package var cutBefore: [CutLine]
  /// The member ends here. Exactly one block of a member says so, the last; it may be empty.
  package var isLast: Bool
}

/// A line over the limit: it was left out, and a block tells where it stood so that line numbers stay exact.
package struct CutLine: Hashable, Sendable {
  /// Of its first byte in the decompressed member.
  package var offset: Int
  /// Without its newline.
  package var length: Int
  /// Its first bytes, at most 160.
  package var excerpt: [UInt8]

  static let excerptBytes = 160
}

/// What a reader knows of a member once it has been read.
package struct MemberEnd: Hashable, Sendable {
  package var name: InputName
  package var decompressedBytes = 0
  /// Bytes of the file that were read; 0 for a member of an archive, whose ``FileEnd`` knows.
  package var bytesOnDisk = 0
  /// Hex SHA-256 of the file's bytes; nil for a member of an archive, whose ``FileEnd`` knows, or where reading stopped before the end.
  package var sha256: String?
  /// The way to the lines, from the outside in, such as `gzip` or `zip, gzip`; nil for plain text.
  package var container: String?
  package var problems: [InputProblem] = []
  /// The decompressed byte after which nothing could be read, where the input broke off.
  package var truncatedAt: Int?
}

/// What a reader knows of a file once all of its members have been read.
package struct FileEnd: Hashable, Sendable {
  /// It holds members with names, and not one text.
  package var isArchive: Bool
  /// Bytes of the file that were read: all, unless it broke off.
  package var bytesOnDisk = 0
  /// Hex SHA-256 of the file's bytes; nil where reading stopped before the end.
  package var sha256: String?
  /// Archives and members that gave no text, or that have problems of their own to tell: the file itself (always, where it is an archive), archives inside it, encrypted members.
  package var notes: [MemberEnd] = []
}
