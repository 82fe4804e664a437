package import IncidentModel

/// Why a report could not be attached: the facts; the command words them.
package struct AttachFailure: Error, Sendable {
  /// What was being done.
  package enum Step: Sendable, Hashable {
    case identity
    case ticket
    case lookUp
    case upload(String)
    case comment
  }

  /// What went wrong.
  package enum Problem: Sendable, Hashable {
    /// The server said no; its own words are as hostile as a log's.
    case refused(status: Int, message: LogText?)
    /// The server asks to wait longer than a run should.
    case askedToWait(seconds: Int)
    /// The server names another address.
    case moved(to: LogText?)
    case transport(TransportFailure)
    /// The answer is not what this tracker answers.
    case unreadable
    /// Bytes.
    case tooLarge(file: String, size: Int, limit: Int)
    case attachmentsOff
    /// The server took the comment, and then did not show it.
    case notThere
    /// A folder's file could not be written or read; the system's words.
    case file(path: String, reason: String)
  }

  package var step: Step
  package var problem: Problem
  /// What the server calls the exchange.
  package var requestID: LogText?
  /// Whether a comment may stand there all the same.
  package var isUncertain = false
  /// Files that lie on the server, and no comment names them.
  package var leftFiles: [String] = []

  package init(_ step: Step, _ problem: Problem, requestID: LogText? = nil) {
    self.step = step
    self.problem = problem
    self.requestID = requestID
  }
}
