internal import ArchiveInput

/// Why a run could not do what it was asked: the facts; the command words them.
package enum RunError: Error, Hashable {
  /// The report at this path is not as floodmark wrote it.
  case edited(path: String)
  /// A format string can't be compiled; with the string and a caret, ready to be shown.
  case unusableFormat(String)
  case unknownFormat(name: String, nearest: String?)
  case unknownService(name: String, known: [String])
  case notAReport(path: String, problem: ReportProblem)
  case noSuchEvidence(id: String, count: Int)
  /// A report names a file outside the PATHs.
  case unsafeName(String)
  case inputNotFound(String)
  /// The input ends before the place, ready to be shown.
  case noSuchLine(String, changed: Bool)
  /// A time of day was given, and the inputs cover several days.
  case ambiguousDay(first: String, last: String)
  case emptyWindow
  /// Every input was given as a baseline.
  case onlyBaseline
  /// A batch's root can't be listed, or holds no folder.
  case noFolders(path: String)
  /// A configuration file can't be used; the line is nil where the problem has none.
  case unusableConfiguration(path: String, line: Int?, problem: ConfigurationProblem)
  /// A folder that should hold the reports of a batch holds none.
  case noReports(path: String)
  case unusableKey(path: String, problem: KeyProblem)
  case unusableAddressList(path: String, problem: AddressListProblem)
  case tally(TallyProblem)
  /// No input held a line in a known format; the problems, ready to be shown.
  case nothingRead(problems: [String])
}

/// Words for failures that come from below.
package enum ReadFailure {
  /// What a person is told of an error of the reading or of the system.
  package static func message(for error: any Error) -> String {
    (error as? InputError)?.description ?? OutputFolder.reason(of: error)
  }
}
