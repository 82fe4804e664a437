internal import ArchiveInput

/// Why a run could not do what it was asked: the facts; the command words them.
package enum RunError: Error, Hashable {
  case unknownFormat(name: String, nearest: String?)
}

/// Words for failures that come from below.
package enum ReadFailure {
  /// What a person is told of an error of the reading or of the system.
  package static func message(for error: any Error) -> String {
    (error as? InputError)?.description ?? OutputFolder.reason(of: error)
  }
}
