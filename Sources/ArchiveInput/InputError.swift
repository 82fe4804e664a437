/// Why a PATH could not be looked at at all: the facts; ``description`` words them.
package enum InputError: Error, Hashable, Sendable, CustomStringConvertible {
  case noSuchPath(String)
  case notReachable(path: String, reason: String)
  case tooManyFiles(limit: Int)

  /// What a person is told: which path, what is wrong with it, how to mend it.
  package var description: String {
    switch self {
    case .noSuchPath(""):
      "a PATH is empty; name a file, a folder, or '-' for standard input"
    case .noSuchPath(let path):
      "'\(path)' does not exist; check its spelling, or put a pattern into quotes only where no shell should expand it"
    case .notReachable(let path, let reason):
      "'\(path)' can't be looked at (\(reason)); check the permissions of the folders on the way to it"
    case .tooManyFiles(let limit):
      "there are more than \(limit) files under these paths; name fewer folders in one run"
    }
  }
}
