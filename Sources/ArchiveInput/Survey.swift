package import IncidentModel

/// How a member begins: enough to see that it may be a copy of another, whole or in part.
package struct ContentSketch: Hashable, Sendable {
  /// The shortest beginning that is compared, in bytes.
  package static let leastMark = 64

  package var id: ContentID
  /// Bytes of the head that ``id`` covers, at most ``ContentID/prefixBytes``; fewer mean that it is the whole member.
  package var headBytes: Int
  /// Hashes (FNV-1a, 64 bits) of the first 64, 128, 256 … bytes of the head.
  package var marks: [UInt64]

  /// Of a member that begins with `head`.
  package init(head: [UInt8]) {
    id = ContentID(head: head)
    headBytes = min(head.count, ContentID.prefixBytes)
    marks = []
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var border = Self.leastMark
    for (index, byte) in head.prefix(ContentID.prefixBytes).enumerated() {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      if index + 1 == border {
        marks.append(hash)
        border *= 2
      }
    }
  }

  /// Whether the id covers all of the member.
  package var isWhole: Bool { headBytes < ContentID.prefixBytes }
}

/// What one file holds, as far as it can be known without reading all of it.
package struct FileSurvey: Sendable {
  /// One text in the file.
  package struct Member: Sendable {
    package var name: InputName
    package var sketch: ContentSketch
    /// Where it begins with `#`: the lines of its head that do, such as a W3C log's.
    package var headers: [[UInt8]] = []
  }

  package var input: FoundInput
  /// It holds members with names, and not one text.
  package var isArchive = false
  /// In the order in which a ``MemberReader`` gives them.
  package var members: [Member] = []
  /// The names of ``FileEnd/notes``, as far as they are known now.
  package var noteNames: [InputName] = []

  /// The file, or an archive in it, can't be looked through without decompressing all of it, and was not.
  package var isStream = false

  /// Looks into a file: 64 KiB of each member, and in archives that can be read from any place only those.
  ///
  /// A compressed tar or a 7z has to be decompressed for it, which `skippingStreams` avoids. Standard input can't be looked at twice and has no members here.
  package init(
    _ input: FoundInput, limits: InputLimits = InputLimits(), skippingStreams: Bool = false
  ) async {
    self.input = input
    isStream = input.isStandardInput
    guard !isStream else { return }
    let reader = MemberReader(input, limits: limits)
    while let name = await reader.nextMember() {
      if skippingStreams, await reader.hasStream { break }
      let head = await reader.head()
      members.append(
        Member(name: name, sketch: ContentSketch(head: head), headers: Self.headers(of: head)))
    }
    (isArchive, noteNames) = await reader.noteNames
    let hasStream = await reader.hasStream
    isStream = skippingStreams && hasStream
    if isStream { (members, noteNames) = ([], []) }
  }

  /// Of a head that begins with `#` the complete lines that do, a few of them.
  private static func headers(of head: [UInt8]) -> [[UInt8]] {
    guard head.first == UInt8(ascii: "#") else { return [] }
    let lines = head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.dropLast().lazy.filter { $0.first == UInt8(ascii: "#") && $0.count <= 4_096 }
      .prefix(32).map { $0.last == UInt8(ascii: "\r") ? Array($0.dropLast()) : Array($0) }
  }
}

/// The hashes of one member's decompressed bytes.
package struct ContentHashes: Hashable, Sendable {
  /// In bytes.
  package var length = 0
  /// Hex SHA-256 of all that could be read.
  package var whole = ""
  /// Hex SHA-256 of its beginnings, by their length; of those only that are no longer than it.
  package var prefixes: [Int: String] = [:]
}

/// Reads members of a file for their hashes, in one pass: those named in `members`, with the lengths of the beginnings that are to be hashed too.
///
/// Byte-order mark and lines that are too long count too, so that equal hashes mean equal bytes.
package func contentHashes(
  of input: FoundInput, members: [InputName: [Int]], limits: InputLimits = InputLimits()
) async -> [InputName: ContentHashes] {
  guard !input.isStandardInput else { return [:] }
  let reader = MemberReader(input, limits: limits)
  var found: [InputName: ContentHashes] = [:]
  while found.count < members.count, let name = await reader.nextMember() {
    guard let prefixes = members[name] else { continue }
    found[name] = await reader.hashContent(prefixes: prefixes)
  }
  return found
}

/// Hex SHA-256 of a file's bytes as they stand on disk; nil for standard input, and where it can't be read to the end.
package func diskHash(of input: FoundInput) async -> String? {
  guard !input.isStandardInput else { return nil }
  let record = ReadingRecord()
  let disk = DiskBytes(input, record: record, progress: nil)
  disk?.drain(chunkBytes: InputLimits().readBytes)
  return disk?.sha256
}
