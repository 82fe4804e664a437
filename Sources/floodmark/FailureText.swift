internal import Pipeline

/// The words for every way in which a command can fail: what, where, and how to mend it.
enum FailureText {
  static func message(for error: any Error) -> String {
    switch error {
    case let error as OutputError: text(for: error)
    case let error as RunError: text(for: error)
    default: ReadFailure.message(for: error)
    }
  }

  private static func text(for error: OutputError) -> String {
    switch error {
    case .cannotWrite(let path, let reason):
      "'\(path)' could not be written: \(reason). Name another folder with --output, or mend its permissions."
    case .notAFolder(let path):
      "'\(path)' is a file, and a folder is wanted. Name another with --output."
    }
  }

  private static func text(for error: RunError) -> String {
    switch error {
    case .unknownFormat(let name, let nearest):
      "there is no log format '\(name)'." + (nearest.map { " Did you mean '\($0)'?" } ?? "")
        + " 'floodmark formats' lists them."
    }
  }
}
