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
        file:DIR

      Tokens and addresses are taken from the environment, or from ~/.config/floodmark/trackers \
      (NAME=value a line, mode 0600; FLOODMARK_TRACKERS names another file). A token is sent to \
      the address of its own tracker and nowhere else.
        FLOODMARK_GITHUB_TOKEN    FLOODMARK_GITHUB_URL (default: https://api.github.com)
        FLOODMARK_GITLAB_TOKEN    FLOODMARK_GITLAB_URL (default: https://gitlab.com)
        FLOODMARK_JIRA_TOKEN      FLOODMARK_JIRA_URL, and FLOODMARK_JIRA_EMAIL for Jira's cloud
        FLOODMARK_REDMINE_TOKEN   FLOODMARK_REDMINE_URL

      EXAMPLES
        floodmark attach incident/ --to github:octo-org/shop#12 --dry-run
        floodmark attach incident/ --to redmine:https://tickets.example.com/#12
      """)

  @Argument(help: ArgumentHelp("The folder of the report.", valueName: "dir"))
  var folder: String

  @Option(name: .customLong("to"), help: ArgumentHelp("The ticket.", valueName: "target"))
  var target: String

  @Flag(name: .customLong("dry-run"), help: "Print what would be sent, and send nothing.")
  var isDryRun = false

  @Flag(help: "Edit one's own comment about the same incident and window, if there is one.")
  var replace = false

  @Flag(
    name: .customLong("internal"),
    help:
      "Show the comment to the project's members only (GitLab, Redmine). Redmine shows files to everybody, so that it gets none."
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
    let ticket: TicketTarget
    do throws(TicketTarget.ParsingError) {
      ticket = try TicketTarget(parsing: target)
    } catch {
      throw ValidationError(AttachText.words(for: error))
    }
    switch ticket {
    case .gitLab, .redmine: break
    default:
      if isInternal { throw ValidationError("--internal is for GitLab and Redmine.") }
    }
    if visibility != nil {
      guard case .jira = ticket else { throw ValidationError("--visibility is for Jira.") }
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let ticket = try TicketTarget(parsing: target)
      let run = AttachRun(
        options: AttachRun.Options(
          folder: folder, target: ticket, replaces: replace,
          ticket: TicketOptions(isInternal: isInternal, visibility: visibility),
          takesUnredacted: attachUnredacted,
          environment: ProcessInfo.processInfo.environment))
      do {
        if isDryRun {
          try show(try run.preview(), console)
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

  private func show(_ preview: AttachRun.Preview, _ console: Console) throws {
    warn(of: preview.strays, console)
    var lines = ["To: " + TerminalText.name(target)]
    for file in preview.files {
      lines.append("File: \(file.name), \(TerminalText.count(file.size)) bytes")
    }
    lines.append("Comment:")
    lines += preview.comment
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { TerminalText.line(Array($0.utf8)) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    try console.output(Array((lines.joined(separator: "\n") + "\n").utf8))
    console.inform("Nothing was sent.")
  }
}
