/// Why a configuration file can't be used: the facts; the command words them.
package enum ConfigurationProblem: Hashable, Sendable {
  /// The system's reason.
  case unreadable(String)
  case tooLarge(mostBytes: Int)
  /// A folder's own file is a link, a pipe or the like, and may lead anywhere.
  case notRegular
  case notUTF8
  /// What the YAML reader found.
  case badYAML(String)
  /// Anchors and aliases can multiply a small file into a huge one.
  case alias(String)
  case unknownKey(String, known: [String])
  case repeatedKey(String)
  /// What stands at a key is not what was expected there.
  case wrongType(key: String, expected: String)
  case tooMany(key: String, most: Int)
  case unknownZone(String, near: [String])
  case notAPattern(String)
  /// A folder's own file names a path outside of the folder.
  case outsidePath(key: String, path: String)
}
