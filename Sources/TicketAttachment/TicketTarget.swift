/// The ticket that a report is for, as a user names it: `github:OWNER/REPO#12`, `jira:KEY-12@HOST`.
///
/// The forms are those of the command's `attach --to`; only the name is read here, nothing is sent.
package enum TicketTarget: Hashable, Sendable {
  case gitHub(owner: String, repository: String, issue: Int)
  /// `project` is the whole path, groups and all; `host` is nil for gitlab.com.
  case gitLab(host: String?, project: String, issue: Int)
  case jira(key: String, host: String)
  /// `base` has no trailing slash.
  case redmine(base: String, issue: Int)
  /// Request Tracker; `base` has no trailing slash.
  case requestTracker(base: String, ticket: Int)
  /// A folder of one's own in a tracker's place.
  case folder(path: String)

  /// Why a text names no ticket: Floodmark's own words with the form that was expected.
  package enum ParsingError: Error, Hashable {
    case unknownTracker
    case malformed(expected: String)
    /// Plain `http` is for the loopback addresses only: a token would travel in the clear.
    case insecure
  }

  /// Reads a target.
  package init(parsing text: String) throws(ParsingError) {
    if let rest = text.after("github:") {
      self = try Self.gitHub(rest)
    } else if let rest = text.after("gitlab:") {
      self = try Self.gitLab(host: nil, rest)
    } else if let rest = text.after("gitlab+") {
      self = try Self.gitLabHost(rest)
    } else if let rest = text.after("jira:") {
      self = try Self.jira(rest)
    } else if let rest = text.after("redmine:") {
      let place = try Self.ticket(rest, expected: "redmine:https://HOST/#12")
      self = .redmine(base: place.base, issue: place.number)
    } else if let rest = text.after("rt:") {
      let place = try Self.ticket(rest, expected: "rt:https://HOST/#12")
      self = .requestTracker(base: place.base, ticket: place.number)
    } else if let rest = text.after("file:") {
      guard !rest.isEmpty, !rest.utf8.contains(0) else { throw .malformed(expected: "file:DIR") }
      self = .folder(path: String(rest))
    } else {
      throw .unknownTracker
    }
  }

  private static func gitHub(_ text: Substring) throws(ParsingError) -> TicketTarget {
    let expected = "github:OWNER/REPO#12"
    let (path, issue) = try split(text, expected: expected)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy(isName) else { throw .malformed(expected: expected) }
    return .gitHub(owner: String(parts[0]), repository: String(parts[1]), issue: issue)
  }

  private static func gitLab(
    host: String?, _ text: Substring
  ) throws(ParsingError) -> TicketTarget {
    let expected = host == nil ? "gitlab:GROUP/PROJECT#12" : "gitlab+https://HOST/GROUP/PROJECT#12"
    let (path, issue) = try split(text, expected: expected)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts.allSatisfy(isName) else { throw .malformed(expected: expected) }
    return .gitLab(host: host, project: String(path), issue: issue)
  }

  private static func gitLabHost(_ text: Substring) throws(ParsingError) -> TicketTarget {
    let (base, path) = try origin(text, expected: "gitlab+https://HOST/GROUP/PROJECT#12")
    return try gitLab(host: base, path.dropFirst())
  }

  private static func jira(_ text: Substring) throws(ParsingError) -> TicketTarget {
    let expected = "jira:KEY-12@HOST"
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, isHost(parts[1]) else { throw .malformed(expected: expected) }
    let key = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard key.count == 2, number(key[1]) != nil, let first = key[0].utf8.first,
      isUpper(first), key[0].utf8.allSatisfy({ isUpper($0) || isDigit($0) || $0 == 0x5F })
    else { throw .malformed(expected: expected) }
    return .jira(key: String(parts[0]), host: String(parts[1]))
  }

  /// `https://HOST/FOLDER/#12`
  private static func ticket(
    _ text: Substring, expected: String
  ) throws(ParsingError) -> (base: String, number: Int) {
    let (base, path) = try origin(text, expected: expected)
    let (folder, issue) = try split(path, expected: expected)
    guard folder.split(separator: "/").allSatisfy(isName) else {
      throw .malformed(expected: expected)
    }
    let trimmed = folder.hasSuffix("/") ? folder.dropLast() : folder
    return (base + trimmed, issue)
  }

  /// Splits `https://host:port/path` behind the host; refuses plain `http` but for loopback.
  static func origin(
    _ text: Substring, expected: String
  ) throws(ParsingError) -> (base: String, path: Substring) {
    let isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else { throw .malformed(expected: expected) }
    let rest = text.dropFirst(isSecure ? 8 : 7)
    let end = rest.firstIndex(where: { $0 == "/" || $0 == "#" }) ?? rest.endIndex
    let host = rest[..<end]
    guard isHost(host) else { throw .malformed(expected: expected) }
    if !isSecure && !isLoopback(host) { throw .insecure }
    return ((isSecure ? "https://" : "http://") + host, rest[end...])
  }

  private static func split(
    _ text: Substring, expected: String
  ) throws(ParsingError) -> (path: Substring, issue: Int) {
    guard let mark = text.lastIndex(of: "#"),
      let issue = number(text[text.index(after: mark)...])
    else { throw .malformed(expected: expected) }
    return (text[..<mark], issue)
  }

  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy(isDigit) else { return nil }
    return Int(text).flatMap { $0 > 0 ? $0 : nil }
  }

  /// A path segment: letters, digits, `.`, `_` and `-`, but neither `.` nor `..`.
  static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text != "." && text != ".."
      && text.utf8.allSatisfy {
        isUpper($0) || isLower($0) || isDigit($0) || [0x2D, 0x2E, 0x5F].contains($0)
      }
  }

  /// A host name or address with an optional port; no user and no password.
  private static func isHost(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.utf8.allSatisfy {
        isUpper($0) || isLower($0) || isDigit($0) || [0x2D, 0x2E, 0x3A, 0x5B, 0x5D].contains($0)
      }
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    let name =
      host.hasPrefix("[")
      ? host.prefix(while: { $0 != "]" }) + "]" : host.prefix(while: { $0 != ":" })
    return name == "localhost" || name == "127.0.0.1" || name == "[::1]"
  }

  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension String {
  /// What follows `prefix`; nil where the text does not begin with it.
  fileprivate func after(_ prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
