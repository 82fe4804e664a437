internal import Foundation
internal import ReportWriting
internal import SystemPackage

/// Which files of a folder are ours: a note beside them with the SHA-256 of each, in the form of `sha256sum -c`.
///
/// By it a later run knows what an earlier one left behind, and what somebody has written into since. Files that it does not name are foreign and never touched.
struct FileLedger {
  static let name = ".floodmark.sha256"
  private static let longest = 1 << 20

  private let folder: OutputFolder
  /// Hex SHA-256 by name.
  private var digests: [String: String] = [:]

  /// Reads the note of a folder; where there is none, no file is ours.
  init(of folder: OutputFolder) {
    self.folder = folder
    guard let bytes = folder.existing(Self.name), bytes.count <= Self.longest else { return }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let name = String(line.dropFirst(66))
      guard line.utf8.count > 66, Self.isOurs(name) else { continue }
      digests[name] = String(line.prefix(64))
    }
  }

  /// Hex SHA-256 of a file as it was written; nil where we wrote none.
  func digest(of name: String) -> String? { digests[name] }

  /// The note on these files, itself ready to be written.
  static func note(on files: [(name: String, bytes: [UInt8])]) -> (name: String, bytes: [UInt8]) {
    let lines = files.map { "\(HumanSections.digest(of: $0.bytes))  \($0.name)\n" }
    return (name, Array(lines.joined().utf8))
  }

  /// Takes away what an earlier run wrote and this one did not; what was changed since stays and is named.
  func removeStale(beside written: [String]) -> (removed: [String], kept: [String]) {
    var removed: [String] = []
    var kept: [String] = []
    for (name, digest) in digests.sorted(by: { $0.key < $1.key }) where !written.contains(name) {
      let path = folder.path.appending(FilePath(name).components)
      let kind =
        try? FileManager.default.attributesOfItem(atPath: path.string)[.type] as? FileAttributeType
      guard kind == .typeRegular, let bytes = folder.existing(name) else { continue }
      if HumanSections.digest(of: bytes) == digest {
        SystemCalls.unlink(path)
        removed.append(path.string)
      } else {
        kept.append(path.string)
      }
    }
    return (removed, kept)
  }

  /// A note is a file that anybody can write: it leads to no other folder.
  private static func isOurs(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return (parts.count == 1 || (parts.count == 2 && parts[0] == "charts"))
      && parts.allSatisfy { part in
        !part.isEmpty && part.first != "."
          && part.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || [0x2D, 0x2E, 0x5F].contains($0)
          }
      }
  }
}
