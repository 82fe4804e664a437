internal import Pipeline
internal import ReportWriting

/// The words for every way in which a command can fail: what, where, and how to mend it.
enum FailureText {
  static func message(for error: any Error) -> String {
    switch error {
    case let error as OutputError: text(for: error)
    case let error as RunError: text(for: error)
    case let error as OutputLost:
      "standard output could not be written to its end: \(error.reason). What came out is incomplete; run it again with room for it, or name a folder with --output."
    case CommandFailure.rawToTerminal:
      "--raw does not print to a terminal: log lines can hold control sequences. Send it to a file or a pipe."
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
    case .edited(let path):
      "'\(path)' was edited since it was written, or was not written by floodmark. --update keeps what people wrote under their headings, --force overwrites all of it."
    case .noReports(let path):
      "'\(path)' holds no folder with a report.json. Name what 'floodmark batch' wrote."
    case .unknownFormat(let name, let nearest):
      "there is no log format '\(name)'." + (nearest.map { " Did you mean '\($0)'?" } ?? "")
        + " 'floodmark formats' lists them."
    case .unusableFormat(let problem): problem
    case .unknownService(let name, let known):
      "no request in these inputs belongs to the service '\(name)'."
        + (known.isEmpty ? "" : " There are: \(known.joined(separator: ", ")).")
    case .notAReport(let path, let problem):
      "'\(path)' is not a report that floodmark wrote as JSON: \(text(for: problem)). Write one with --format json."
    case .noSuchEvidence(let id, let count):
      "the report has no evidence \(id); it has E1 to E\(count)."
    case .unsafeName(let name):
      "the report names the file '\(name)', which lies outside the PATHs that were given. It is not opened."
    case .inputNotFound(let name):
      "'\(name)', which the report names, was not found under the PATHs that were given."
    case .noSuchLine(let place, let changed):
      "\(place) is not there: the input ends before it."
        + (changed ? " The archive has changed since the report was written." : "")
    case .ambiguousDay(let first, let last):
      "the inputs run from \(first) to \(last): with more than one day, --from and --to want a date, such as 2018-07-16T17:30:00Z."
    case .unusableConfiguration(let path, let line, let problem):
      "'\(TerminalText.name(path))'\(line.map { ", line \($0)" } ?? ""): \(ConfigurationText.words(for: problem))"
    case .unusableAddressList(let path, .unreadable):
      "'\(path)' can not be read as a list of networks."
    case .unusableAddressList(let path, .tooLarge):
      "'\(path)' is larger than any list of networks (64 MiB) or database of them (4 GiB)."
    case .unusableAddressList(let path, .noNetworks):
      "'\(path)' names no network. --address-list wants lines such as '203.0.113.0/24,label', the JSON that a provider publishes, or a MaxMind database."
    case .unusableAddressList(let path, .missingLibrary):
      "'\(path)' is a MaxMind database, and this machine has no libmaxminddb to read it with. Install it (Debian: apt-get install libmaxminddb0), or leave the list away."
    case .unusableAddressList(let path, .brokenDatabase(let problem)):
      "'\(path)' can not be read as a MaxMind database: \(words(for: problem)). Fetch it anew."
    case .unusableAddressList(let path, .noOwners(let type, let tellsPlace)):
      "'\(path)' is a MaxMind database of the type '\(TerminalText.name(type))', which tells \(tellsPlace ? "where networks are and not whose" : "nothing of the owners of networks"). Of use are GeoLite2-ASN, GeoIP2-ISP, GeoIP2-Anonymous-IP, GeoIP2-Connection-Type and GeoIP2-Enterprise."
    case .unusableKey(let path, .open):
      "'\(path)' can be read by others than its owner, and a key must not be. Say 'chmod 600' to it."
    case .unusableKey(let path, .short):
      "'\(path)' is shorter than the 32 bytes that a key needs. 'head -c 32 /dev/urandom' makes one."
    case .unusableKey(let path, .unreadable):
      "'\(path)' can't be read as a key file."
    case .onlyBaseline:
      "every file under the PATHs is also under --baseline, so there is nothing left to report on. Name the outage's own logs as PATH."
    case .noFolders(let path):
      "'\(path)' holds no folder. A batch wants one folder for each archive right under it."
    case .emptyWindow:
      "--from lies behind --to, so there is nothing to report on."
    case .tally(let problem): TallyText.text(for: problem)
    case .nothingRead(let problems):
      "nothing could be read as a log.\(problems.map { "\n  \($0)" }.joined())\n  'floodmark inspect PATH' says what each file was taken for, '--log-format' names a format."
    }
  }

  private static func words(for damage: DatabaseDamage) -> String {
    switch damage {
    case .refused(let words): words
    case .noMetadata: "it has no metadata at its end, so it was cut off or is something else"
    case .treeTooLarge: "its search tree does not fit into it"
    case .lostBranch: "a branch of its search tree leads nowhere"
    case .deepRecord: "a record is nested too deeply"
    case .longRecord(let most): "a record has more than \(most) values"
    }
  }

  private static func text(for problem: ReportProblem) -> String {
    switch problem {
    case .unreadable: "it can't be read"
    case .otherFields: "its fields are others"
    case .otherSchema: "its schema is another"
    }
  }
}
