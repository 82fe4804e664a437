package import IncidentModel
package import SystemPackage

/// A file that the walk found, or standard input; what it holds is told by its bytes, later.
package struct FoundInput: Hashable, Sendable {
  /// Which file it is on this machine, however it is spelt.
  package struct FileIdentity: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
  }

  package var name: InputName
  /// Where to open it; empty for standard input.
  package var path: FilePath
  /// Bytes on disk when it was found; 0 for standard input.
  package var size: Int
  /// Nil for standard input.
  package var identity: FileIdentity?

  /// A file that no walk found, such as one that a test wrote; `identity` nil skips the check that it is still the same.
  package init(name: InputName, path: FilePath, size: Int, identity: FileIdentity? = nil) {
    self.name = name
    self.path = path
    self.size = size
    self.identity = identity
  }

  /// Standard input, which can be read once only.
  package static let standardInput = FoundInput(
    name: InputName(file: "-"), path: FilePath(), size: 0)

  package var isStandardInput: Bool { path.isEmpty }

  /// The same file, with the name of one of its members: a reader then goes straight to that member.
  package func member(_ member: String?) -> FoundInput {
    var copy = self
    copy.name.member = member
    return copy
  }
}

extension FoundInput.FileIdentity {
  init(_ status: Stat) {
    device = UInt64(truncatingIfNeeded: status.deviceID.rawValue)
    inode = UInt64(truncatingIfNeeded: status.inode.rawValue)
  }
}
