internal import Foundation

/// A token. It has no printed form.
struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// For the one header that carries it.
  let value: String

  var description: String { "(secret)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where the files of a report can lie beside a tracker that takes none.
package enum FileStore: Hashable, Sendable {
  /// A secret gist: whoever has the link can read it.
  case gist
  /// A branch of the ticket's own repository that is there already.
  case branch(String)

  /// Reads `gist` or `branch:NAME`.
  package init?(parsing text: String) {
    if text == "gist" {
      self = .gist
      return
    }
    guard text.hasPrefix("branch:") else { return nil }
    let name = text.dropFirst(7)
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard name.utf8.count <= 200, parts.allSatisfy({ TicketTarget.isName($0) }) else { return nil }
    self = .branch(String(name))
  }
}

/// How a comment is to be seen.
package struct TicketOptions: Sendable {
  /// For the project's members alone (GitLab, Redmine).
  package var isInternal: Bool
  /// The role that may see it (Jira).
  package var visibility: String?
  /// Where the files go in a tracker that takes none (GitHub); nil: nowhere.
  package var store: FileStore?

  package init(isInternal: Bool, visibility: String?, store: FileStore? = nil) {
    self.isInternal = isInternal
    self.visibility = visibility
    self.store = store
  }
}

/// The names under which tokens and addresses are configured, and what they hold.
package struct TrackerSettings: Sendable {
  /// Why the file of settings is not read.
  package enum FileError: Error, Hashable, Sendable {
    /// Others than its owner may read or write it.
    case open(path: String)
    case unreadable(path: String)
    /// The line is no `NAME=value`; the line's number.
    case malformed(path: String, line: Int)
  }

  private var values: [String: String] = [:]

  private static let lead = "FLOODMARK_"
  private static let longestFile = 64 << 10

  /// Settings of the environment, and below them those of a file of lines `FLOODMARK_GITHUB_TOKEN=…`.
  ///
  /// The file is the one that `FLOODMARK_TRACKERS` names, else `floodmark/trackers` in the user's folder of configurations; it must be its owner's alone.
  package init(environment: [String: String]) throws(FileError) {
    let named = environment["FLOODMARK_TRACKERS"].flatMap { $0.isEmpty ? nil : $0 }
    let folder =
      environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
    if let path = named ?? folder.map({ $0 + "/floodmark/trackers" }),
      named != nil || FileManager.default.fileExists(atPath: path)
    {
      values = try Self.read(path)
    }
    for (name, value) in environment where name.hasPrefix(Self.lead) && !value.isEmpty {
      values[name] = value
    }
  }

  subscript(_ name: String) -> String? { values[name] }

  private static func read(_ path: String) throws(FileError) -> [String: String] {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeRegular,
      let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
    else { throw .unreadable(path: path) }
    guard mode & 0o077 == 0 else { throw .open(path: path) }
    guard let contents = FileManager.default.contents(atPath: path),
      contents.count <= longestFile
    else { throw .unreadable(path: path) }
    var values: [String: String] = [:]
    let lines = String(decoding: contents, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text.isEmpty || text.hasPrefix("#") { continue }
      guard text.hasPrefix(lead), let split = text.firstIndex(of: "=") else {
        throw .malformed(path: path, line: index + 1)
      }
      values[String(text[..<split])] = String(text[text.index(after: split)...])
    }
    return values
  }
}

/// Leave to write to a ticket: a token, and the address to which alone it is sent.
package struct TrackerAccess: Sendable {
  /// Why there is none; nothing was sent.
  package enum Failure: Error, Hashable, Sendable {
    /// The setting is missing.
    case missing(name: String)
    /// It holds what no token or user name holds.
    case malformed(name: String)
    /// It is no `https://HOST`, or plain `http` to another machine.
    case badAddress(name: String)
    /// The token is configured for another address than the ticket's.
    case otherHost(target: String, configured: String, name: String)
  }

  let target: TicketTarget
  /// Without a slash at its end.
  let base: String
  let token: Secret
  let user: String?
  /// Jira's cloud speaks its own form of comments.
  let isCloud: Bool

  /// Where the ticket is, for people: a host, or a folder.
  package var place: String { base }

  /// Looks up what the target needs.
  package init(_ target: TicketTarget, settings: TrackerSettings) throws(Failure) {
    self.target = target
    switch target {
    case .folder(let path):
      (base, token, user, isCloud) = (path, Secret(value: ""), nil, false)
    case .gitHub:
      base = try Self.address("FLOODMARK_GITHUB_URL", settings, standard: "https://api.github.com")
      token = try Self.token("FLOODMARK_GITHUB_TOKEN", settings)
      (user, isCloud) = (nil, false)
    case .gitLab(let host, _, _):
      let name = "FLOODMARK_GITLAB_URL"
      base = try Self.address(name, settings, standard: "https://gitlab.com")
      try Self.compare(host ?? "https://gitlab.com", base, name)
      token = try Self.token("FLOODMARK_GITLAB_TOKEN", settings)
      (user, isCloud) = (nil, false)
    case .jira(_, let host):
      let name = "FLOODMARK_JIRA_URL"
      base = try Self.address(name, settings, standard: nil)
      guard let configured = Self.host(of: base), let wanted = Self.host(of: "https://" + host),
        configured == wanted
      else { throw .otherHost(target: host, configured: base, name: name) }
      token = try Self.token("FLOODMARK_JIRA_TOKEN", settings)
      isCloud = settings["FLOODMARK_JIRA_EMAIL"] != nil
      user = try Self.user(isCloud ? "FLOODMARK_JIRA_EMAIL" : "FLOODMARK_JIRA_USER", settings)
    case .redmine(let wanted, _):
      let name = "FLOODMARK_REDMINE_URL"
      base = try Self.address(name, settings, standard: nil)
      try Self.compare(wanted, base, name)
      token = try Self.token("FLOODMARK_REDMINE_TOKEN", settings)
      (user, isCloud) = (nil, false)
    case .requestTracker(let wanted, _):
      let name = "FLOODMARK_RT_URL"
      base = try Self.address(name, settings, standard: nil)
      try Self.compare(wanted, base, name)
      token = try Self.token("FLOODMARK_RT_TOKEN", settings)
      (user, isCloud) = (nil, false)
    }
  }

  /// Whether the settings speak of Jira's cloud, for a run that needs no token.
  package static func isJiraCloud(_ settings: TrackerSettings) -> Bool {
    settings["FLOODMARK_JIRA_EMAIL"] != nil
  }

  private static func address(
    _ name: String, _ settings: TrackerSettings, standard: String?
  ) throws(Failure) -> String {
    guard let text = settings[name] ?? standard else { throw .missing(name: name) }
    let trimmed = text.hasSuffix("/") ? text.dropLast() : text[...]
    guard let (base, path) = try? TicketTarget.origin(trimmed, expected: ""), isPath(path) else {
      throw .badAddress(name: name)
    }
    return normal(base) + path
  }

  /// Nothing, or `/` and a name, any number of times.
  private static func isPath(_ path: Substring) -> Bool {
    guard !path.isEmpty else { return true }
    return path.hasPrefix("/")
      && path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy { TicketTarget.isName($0) }
  }

  private static func compare(
    _ target: String, _ configured: String, _ name: String
  ) throws(Failure) {
    let slash = target.dropFirst(8).firstIndex(of: "/") ?? target.endIndex
    guard normal(String(target[..<slash])) + target[slash...] == configured else {
      throw .otherHost(target: target, configured: configured, name: name)
    }
  }

  /// Scheme and host in lower case, without the port that the scheme has anyway.
  private static func normal(_ origin: String) -> String {
    var text = origin.lowercased()
    if text.hasPrefix("https://") && text.hasSuffix(":443") { text.removeLast(4) }
    if text.hasPrefix("http://") && text.hasSuffix(":80") { text.removeLast(3) }
    return text
  }

  private static func host(of address: String) -> String? {
    guard let start = address.range(of: "://") else { return nil }
    let host = address[start.upperBound...].prefix { $0 != "/" }.lowercased()
    return host.hasSuffix(":443") ? String(host.dropLast(4)) : host
  }

  private static func token(
    _ name: String, _ settings: TrackerSettings
  ) throws(Failure) -> Secret {
    guard let text = settings[name] else { throw .missing(name: name) }
    // What a header line can't hold would end it, and begin another.
    guard (1...4096).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .malformed(name: name) }
    return Secret(value: text)
  }

  private static func user(
    _ name: String, _ settings: TrackerSettings
  ) throws(Failure) -> String? {
    guard let text = settings[name] else { return nil }
    guard (1...255).contains(text.utf8.count), !text.contains(":"),
      text.utf8.allSatisfy({ $0 >= 0x21 && $0 != 0x7F })
    else { throw .malformed(name: name) }
    return text
  }

  /// The tracker itself.
  func tracker(
    options: TicketOptions, courier: any Courier, pause: @escaping Pause
  ) -> any Tracker {
    func exchange(_ headers: [(name: String, value: String)]) -> Exchange {
      Exchange(base: base, headers: headers, courier: courier, pause: pause)
    }
    switch target {
    case .folder(let path): return FolderTracker(path: path)
    case .gitHub(let owner, let repository, let issue):
      return GitHubTracker(
        exchange: exchange(GitHubTracker.headers(token)),
        repository: "/repos/\(owner)/\(repository)", issue: issue, store: options.store)
    case .gitLab(_, let project, let issue):
      return GitLabTracker(
        exchange: exchange([("PRIVATE-TOKEN", token.value)]), project: project, issue: issue,
        isInternal: options.isInternal)
    case .jira(let key, _):
      return JiraTracker(
        exchange: exchange(JiraTracker.headers(token, user: user)), key: key, isCloud: isCloud,
        visibility: options.visibility)
    case .redmine(_, let issue):
      return RedmineTracker(
        exchange: exchange([("X-Redmine-API-Key", token.value)]), issue: issue,
        isPrivate: options.isInternal)
    case .requestTracker(_, let ticket):
      return RequestTracker(
        exchange: exchange(RequestTracker.headers(token)), ticket: ticket,
        user: RequestTracker.user(of: token))
    }
  }
}
