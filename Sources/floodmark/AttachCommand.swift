internal import ArgumentParser
internal import Foundation
internal import Pipeline
internal import ReportWriting
internal import TicketAttachment

/// `floodmark attach DIR --to TARGET`
struct AttachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Attach a written report to a ticket.",
    discussion: """
      DIR is what 'floodmark report --output DIR --format markdown,json' wrote. The ticket gets \
      one comment with the report's head, and the files where its tracker takes files. Run twice, \
      nothing is posted the second time.

      TARGET is one of
        github:OWNER/REPO#12
        gitlab:GROUP/PROJECT#12, gitlab+https://HOST/GROUP/PROJECT#12
        jira:KEY-12@HOST
        redmine:https://HOST/#12
        rt:https://HOST/#12
        file:DIR

      Tokens and addresses are taken from the environment, or from ~/.config/floodmark/trackers \
      (NAME=value a line, mode 0600; FLOODMARK_TRACKERS names another file). A token is sent to \
      the address of its own tracker and nowhere else.
        FLOODMARK_GITHUB_TOKEN    FLOODMARK_GITHUB_URL (default: https://api.github.com)
        FLOODMARK_GITLAB_TOKEN    FLOODMARK_GITLAB_URL (default: https://gitlab.com)
        FLOODMARK_JIRA_TOKEN      FLOODMARK_JIRA_URL, and FLOODMARK_JIRA_EMAIL for Jira's cloud
        FLOODMARK_REDMINE_TOKEN   FLOODMARK_REDMINE_URL
        FLOODMARK_RT_TOKEN        FLOODMARK_RT_URL

      EXAMPLES
        floodmark attach incident/ --to github:octo-org/shop#12 --dry-run
        floodmark attach incident/ --to redmine:https://tickets.example.com/#12
        floodmark attach --batch reports/ --tickets archives/ --dry-run
      """)

  @Argument(help: ArgumentHelp("The folder of the report.", valueName: "dir"))
  var folder: String?

  @Option(name: .customLong("to"), help: ArgumentHelp("The ticket.", valueName: "target"))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "Attach each report of a batch to the ticket that its folder's floodmark.yaml names ('ticket: TARGET'). The index is never attached.",
      valueName: "dir"))
  var batch: String?

  @Option(
    help: ArgumentHelp(
      "Where --batch looks for the floodmark.yaml of each folder; they decide where reports go. (default: the folder of --batch)",
      valueName: "dir"))
  var tickets: String?

  @Option(
    help: ArgumentHelp(
      "Where the files go on GitHub, whose tickets take none: 'gist' (secret: whoever has the link can read it) or 'branch:NAME' of the ticket's repository.",
      valueName: "place"))
  var files: FileStore?

  @Flag(name: .customLong("dry-run"), help: "Print what would be sent, and send nothing.")
  var isDryRun = false

  @Flag(
    help:
      "Edit one's own comment about the same incident and window, if there is one. Request Tracker lets nobody edit a comment, so that a new one names the earlier."
  )
  var replace = false

  @Flag(
    name: .customLong("internal"),
    help:
      "Show the comment to the project's members only (GitLab, Redmine; Request Tracker does it anyway). Redmine shows files to everybody, so that it gets none."
  )
  var isInternal = false

  @Option(
    help: ArgumentHelp(
      "Show the comment to this role only (Jira). Files would be shown to everybody, so that none are attached.",
      valueName: "role"))
  var visibility: String?

  @Flag(name: .customLong("attach-unredacted"), help: "Attach a report in which nothing is masked.")
  var attachUnredacted = false

  @OptionGroup var talk: TalkArguments

  func validate() throws {
    guard batch == nil else {
      if folder != nil || target != nil {
        throw ValidationError(
          "--batch takes its folders and tickets itself; leave out DIR and --to.")
      }
      return
    }
    if tickets != nil { throw ValidationError("--tickets goes with --batch.") }
    guard folder != nil, let target else {
      throw ValidationError("Name the folder of a report and --to TARGET, or --batch DIR.")
    }
    let ticket: TicketTarget
    do throws(TicketTarget.ParsingError) {
      ticket = try TicketTarget(parsing: target)
    } catch {
      throw ValidationError(AttachText.words(for: error))
    }
    if isInternal && !ticket.takesInternal {
      throw ValidationError("--internal is for GitLab, Redmine and Request Tracker.")
    }
    if visibility != nil && !ticket.takesVisibility {
      throw ValidationError("--visibility is for Jira.")
    }
    if files != nil && !ticket.takesFileStore {
      throw ValidationError("--files is for GitHub; the other trackers take files themselves.")
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      if let batch {
        try await runBatch(batch, console)
      } else if let folder, let target {
        try await attach(folder, to: target, console)
      }
    }
  }

  private func options(_ folder: String, _ ticket: TicketTarget) -> AttachRun.Options {
    AttachRun.Options(
      folder: folder, target: ticket, replaces: replace,
      ticket: TicketOptions(isInternal: isInternal, visibility: visibility, store: files),
      takesUnredacted: attachUnredacted, environment: ProcessInfo.processInfo.environment)
  }

  private func attach(_ folder: String, to target: String, _ console: Console) async throws {
    let ticket = try TicketTarget(parsing: target)
    let run = AttachRun(options: options(folder, ticket))
    do {
      if isDryRun {
        let preview = try run.preview()
        warn(of: preview.strays, console)
        try console.output(Self.text(of: preview, to: target))
        console.inform("Nothing was sent.")
      } else {
        let outcome = try await run.run()
        warn(of: outcome.strays, console)
        try tell(outcome.receipt, console)
      }
    } catch {
      guard let words = AttachText.message(for: error, to: ticket, named: target) else {
        throw error
      }
      throw words
    }
  }

  /// One folder after the other; ends with 1 if one of them failed.
  private func runBatch(_ root: String, _ console: Console) async throws {
    let batch = BatchTickets(
      root: root, tickets: tickets, template: options("", .folder(path: "")), isDryRun: isDryRun)
    var summary = BatchSummary()
    try await batch.run { row in
      summary.count(row.end)
      for name in row.strays { warn(of: ["\(row.folder)/\(name)"], console) }
      switch row.end {
      case .shown(let preview):
        let title = "== \(TerminalText.name(row.folder))\n"
        try console.output(
          Array(title.utf8) + Self.text(of: preview, to: row.ticket ?? "") + [0x0A])
      case .failed(let error, let target, let named):
        console.warn("\(TerminalText.name(row.folder)): \(words(for: error, target, named))")
      default:
        let line = "\(TerminalText.name(row.folder)): \(BatchSummary.words(for: row.end))\n"
        try console.output(Array(line.utf8))
      }
    }
    console.inform(summary.text)
    if summary.failed > 0 { throw ExitCode(1) }
  }

  private func words(
    for error: any Error, _ target: TicketTarget?, _ named: String
  ) -> String {
    if let error = error as? TicketTarget.ParsingError {
      return "its ticket '\(TerminalText.name(named))': \(AttachText.words(for: error))"
    }
    let words = target.flatMap { AttachText.message(for: error, to: $0, named: named) }
    return words?.description ?? FailureText.message(for: error)
  }

  private func tell(_ receipt: TicketDelivery.Receipt, _ console: Console) throws {
    let (what, address) =
      switch receipt {
      case .alreadyThere(let address):
        ("This report hangs there already; nothing was sent.", address)
      case .posted(let address): ("Attached.", address)
      case .replaced(let address): ("Attached in place of the earlier report.", address)
      }
    console.inform(what)
    try console.output(Array((TerminalText.name(address) + "\n").utf8))
  }

  private func warn(of strays: [String], _ console: Console) {
    for name in strays {
      console.warn(
        "'\(TerminalText.name(name))' is older than report.json, so another run wrote it; it is left out."
      )
    }
  }

  private static func text(of preview: AttachRun.Preview, to target: String) -> [UInt8] {
    var lines = ["To: " + TerminalText.name(target)]
    for file in preview.files {
      lines.append("File: \(file.name), \(TerminalText.count(file.size)) bytes")
    }
    lines.append("Comment:")
    lines += preview.comment
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { TerminalText.line(Array($0.utf8)) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}

extension FileStore: ExpressibleByArgument {
  package init?(argument: String) { self.init(parsing: argument) }
}

/// What a batch of posts came to, in one line.
struct BatchSummary {
  private var sent = 0
  private var shown = 0
  private var stood = 0
  private var withoutTicket = 0
  private var withoutIncident = 0
  private(set) var failed = 0

  mutating func count(_ end: BatchTickets.End) {
    switch end {
    case .sent(.alreadyThere): stood += 1
    case .sent: sent += 1
    case .shown: shown += 1
    case .withoutTicket: withoutTicket += 1
    case .withoutIncident: withoutIncident += 1
    case .failed: failed += 1
    }
  }

  /// What became of one folder.
  static func words(for end: BatchTickets.End) -> String {
    switch end {
    case .sent(.alreadyThere(let address)):
      "hangs there already, nothing was sent: \(TerminalText.name(address))"
    case .sent(.posted(let address)): "attached: \(TerminalText.name(address))"
    case .sent(.replaced(let address)):
      "attached in place of the earlier report: \(TerminalText.name(address))"
    case .withoutTicket: "no ticket: its floodmark.yaml has no 'ticket', or there is none"
    case .withoutIncident: "no incident was found, nothing was sent"
    case .shown, .failed: ""
    }
  }

  var text: String {
    let parts = [
      (sent, "attached"), (shown, "would be attached"), (stood, "hung there already"),
      (withoutIncident, "without an incident"), (withoutTicket, "without a ticket"),
      (failed, "failed"),
    ]
    let told = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return told.joined(separator: ", ") + (shown > 0 ? ". Nothing was sent." : ".")
  }
}
