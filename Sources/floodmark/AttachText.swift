internal import IncidentModel
internal import Pipeline
internal import ReportWriting
internal import TicketAttachment

/// The words for every way in which attaching can fail: what failed, how to mend it, and what lies on the server now.
struct AttachText: Error, CustomStringConvertible {
  let description: String

  /// What a person is told; nil for what other commands fail of too.
  static func message(
    for error: any Error, to target: TicketTarget, named name: String
  ) -> AttachText? {
    let text: String
    switch error {
    case let error as AttachFailure:
      text = AttachWords(target: target, ticket: TerminalText.name(name)).text(for: error)
    case let error as AttachRefusal: text = words(for: error)
    case let error as TrackerAccess.Failure: text = words(for: error)
    case let error as TrackerSettings.FileError: text = words(for: error)
    default: return nil
    }
    return AttachText(description: text)
  }

  static func words(for error: TicketTarget.ParsingError) -> String {
    switch error {
    case .unknownTracker:
      "--to wants github:OWNER/REPO#12, gitlab:GROUP/PROJECT#12, jira:KEY-12@HOST, redmine:https://HOST/#12, rt:https://HOST/#12 or file:DIR."
    case .malformed(let expected): "--to wants the form \(expected)."
    case .insecure:
      "A token is not sent over plain http but to this machine itself; write https:// in --to."
    }
  }

  private static func words(for error: AttachRefusal) -> String {
    switch error {
    case .unredacted(let path):
      "'\(TerminalText.name(path))' was written with --no-redact: addresses, names and secrets stand in it as in the logs. Write the report without --no-redact, or give --attach-unredacted if everybody who sees the ticket may see them."
    case .noMarkdown(let folder):
      "'\(TerminalText.name(folder))' has no report.md. Write the report with --output DIR --format markdown,json."
    case .optionUnknown(let option): "\(option) is not for this tracker, and would be left aside."
    case .batch(let folder):
      "'\(TerminalText.name(folder))' holds the reports of a batch. Name one folder in it, or give --batch: the index tells of all tenants and is never attached."
    case .otherRun(let path):
      "'\(TerminalText.name(path))' is older than report.json beside it, so the two are of different runs. Write the report anew with --format markdown,json."
    }
  }

  private static func words(for error: TrackerAccess.Failure) -> String {
    switch error {
    case .missing(let name) where name.hasSuffix("_URL"):
      "\(name) is not set: it names the server to which the token belongs, such as https://tickets.example.com. Set it in the environment or in ~/.config/floodmark/trackers."
    case .missing(let name):
      "\(name) is not set. Put the token into the environment, or into ~/.config/floodmark/trackers with mode 0600."
    case .malformed(let name):
      "\(name) holds spaces, line ends or other characters that it can't have. Set it anew."
    case .badAddress(let name):
      "\(name) is no address of the form https://HOST; plain http is for this machine alone."
    case .otherHost(let target, let configured, let name):
      "the ticket is at \(TerminalText.name(target)), and the token belongs to \(TerminalText.name(configured)). Nothing was sent. If the ticket's host is right, set \(name) to it, and the token to one of that host."
    }
  }

  private static func words(for error: TrackerSettings.FileError) -> String {
    switch error {
    case .open(let path):
      "'\(TerminalText.name(path))' holds tokens, and others than its owner may read it. Close it with chmod 600, and make new tokens if others had access."
    case .unreadable(let path):
      "'\(TerminalText.name(path))' can't be read as a file of settings."
    case .malformed(let path, let line):
      "'\(TerminalText.name(path))', line \(line), is not of the form FLOODMARK_NAME=value."
    }
  }
}

/// The words for what a server did.
private struct AttachWords {
  let target: TicketTarget
  let ticket: String

  private var tracker: String {
    switch target {
    case .gitHub: "GITHUB"
    case .gitLab: "GITLAB"
    case .jira: "JIRA"
    case .redmine: "REDMINE"
    case .requestTracker: "RT"
    case .folder: "FOLDER"
    }
  }

  private var token: String { "FLOODMARK_\(tracker)_TOKEN" }
  private var address: String { "FLOODMARK_\(tracker)_URL" }

  /// What a token must be allowed to.
  private var right: String {
    switch target {
    case .gitHub: "'Issues: write' (fine-grained), or the scope 'repo' (classic)"
    case .gitLab: "the scope 'api' and a role that may comment"
    case .jira: "the permissions to browse the project, to comment and to attach files"
    case .redmine: "the permissions to view issues, to add notes and to attach files"
    case .requestTracker:
      "the rights ShowTicket, ShowTicketComments and CommentOnTicket in the ticket's queue"
    case .folder: "write access"
    }
  }

  func text(for failure: AttachFailure) -> String {
    var lines = [problem(failure)]
    if failure.isUncertain {
      lines.append(
        "It is unknown whether the comment was posted. Run the same command again later: it looks first, and posts nothing twice."
      )
    } else {
      lines.append("No comment was posted.")
    }
    if !failure.leftFiles.isEmpty {
      let names = failure.leftFiles.map { TerminalText.name($0) }.joined(separator: ", ")
      let doubt = failure.isUncertain ? ", unless it was" : ""
      lines.append("These files lie on the server, and no comment names them\(doubt): \(names).")
    }
    if let id = failure.requestID {
      lines.append("The server calls the request \(TerminalText.visible(id)).")
    }
    return lines.joined(separator: "\n  ")
  }

  private func problem(_ failure: AttachFailure) -> String {
    switch failure.problem {
    case .refused(let status, let message): refused(status, message, failure.step)
    case .askedToWait(let seconds):
      "the server asks to wait \(wait(seconds)). Run the same command again later."
    case .moved(let place):
      "the server has moved"
        + (place.map { " to \(TerminalText.masked($0))" } ?? "")
        + ". A token does not follow: check that address, and give it in --to and in \(address)."
    case .transport(let failure): words(for: failure)
    case .unreadable:
      "the server's answer, \(words(for: failure.step)), is not one of this tracker. Is \(address) right, and no page to log in at before it?"
    case .tooLarge(let file, let size, let limit):
      "'\(file)' has \(TerminalText.count(size)) bytes, and the server takes \(TerminalText.count(limit)). Write the report with fewer --format, or ask the administrator for more."
    case .attachmentsOff:
      "attachments are switched off on this server. Ask its administrator, or attach to file:DIR and put the comment in by hand."
    case .notThere:
      "the server took the comment and does not show it, perhaps because it waits for approval."
    case .file(let path, let reason):
      "'\(TerminalText.name(path))' could not be written or read: \(reason). Mend its permissions, or name another folder."
    }
  }

  private func refused(_ status: Int, _ message: LogText?, _ step: AttachFailure.Step) -> String {
    let said = message.map { " It says: \(TerminalText.masked($0))" } ?? ""
    switch status {
    case 401:
      return "the token in \(token) was not accepted (401). Make a new one with \(right).\(said)"
    case 403 where step == .identity && tracker == "REDMINE":
      return
        "the server refuses its REST API (403). Its administrator enables it under Administration, Settings, API.\(said)"
    case 403 where isStore(step), 404 where isStore(step):
      return
        "the token may not write this, or there is no such branch (\(status), \(words(for: step))). --files gist needs 'Gists: write', --files branch:NAME needs 'Contents: write' and a branch that is there.\(said)"
    case 403:
      return
        "the token was accepted, but it may not do this on \(ticket) (403, \(words(for: step))). It needs \(right)\(tracker == "GITHUB" ? "; a locked issue takes no comment" : "").\(said)"
    case 404 where step == .identity:
      return "there is no such interface at that address (404). Is \(address) right?"
    case 404:
      return
        "\(ticket) was not found, or the token cannot see it; private projects answer 404 as well.\(said)"
    case 410: return "issues are switched off in this repository (410). Name another ticket.\(said)"
    case 413:
      return
        "a file is larger than the server takes (413, \(words(for: step))). Write the report with fewer --format, or ask the administrator for more.\(said)"
    case 400 where step == .comment && tracker == "RT":
      return
        "the server refused the comment (400). Where it says that permission was denied, the token's user needs \(right).\(said)"
    case 400, 422:
      return
        "the server refused what was sent (\(status), \(words(for: step))). Try fewer --format if a file is too large for it.\(said)"
    case 500...:
      return
        "the server failed (\(status), \(words(for: step))). Run the same command again later.\(said)"
    default: return "the server answered \(status), \(words(for: step)).\(said)"
    }
  }

  /// GitHub takes files only where --files says so.
  private func isStore(_ step: AttachFailure.Step) -> Bool {
    if case .upload = step { tracker == "GITHUB" } else { false }
  }

  private func words(for failure: TransportFailure) -> String {
    switch failure {
    case .unknownHost: "the server's name has no address (DNS). Is \(address) right?"
    case .refused: "nobody answers at the server's address. Is \(address) right, and the server up?"
    case .untrusted:
      "the server's certificate was not trusted (TLS). Install the authority that signed it; there is no way around the check."
    case .timedOut: "the server did not answer in time. Run the same command again later."
    case .cutOff: "the connection ended before the answer. Run the same command again later."
    case .tooLong: "the server's answer was too long. Is \(address) right?"
    case .malformed: "the address is none. Is \(address) right?"
    }
  }

  private func words(for step: AttachFailure.Step) -> String {
    switch step {
    case .identity: "asked whose token this is"
    case .ticket: "asked for the ticket"
    case .lookUp: "asked for the ticket's comments"
    case .upload(let file): "given the file '\(TerminalText.name(file))'"
    case .comment: "given the comment"
    }
  }

  private func wait(_ seconds: Int) -> String {
    seconds < 120 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
  }
}
