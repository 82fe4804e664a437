internal import Foundation

/// Jira's REST API: version 3 in the cloud, version 2 on servers of one's own.
struct JiraTracker: Tracker {
  /// The cloud tells an account, a server a key and a name.
  private struct User: Decodable {
    var accountId: String?
    var key: String?
    var name: String?

    var identity: String? { accountId ?? key ?? name }
  }

  private struct Limits: Decodable {
    var enabled: Bool
    var uploadLimit: Int?
  }

  private struct File: Decodable {
    var id: String
    var filename: String
    var size: Int?
    var author: User?
  }

  private struct Issue: Decodable {
    struct Fields: Decodable {
      var attachment: [File]?
    }

    var fields: Fields?
  }

  /// A document of the cloud's own form, as far as its text goes.
  private struct Node: Decodable {
    var text: String?
    var content: [Node]?

    /// All text below in one line.
    var flat: String { (text ?? "") + (content ?? []).map(\.flat).joined() }
  }

  private enum Body: Decodable {
    case wiki(String)
    case document(Node)

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self = .wiki(text)
      } else {
        self = .document(try Node(from: decoder))
      }
    }

    var text: String {
      switch self {
      case .wiki(let text): text
      case .document(let node): (node.content ?? []).map(\.flat).joined(separator: "\n")
      }
    }
  }

  private struct Comment: Decodable {
    var id: String
    var body: Body?
    var author: User?
    var created: String?
  }

  private struct Page: Decodable {
    var comments: [Comment]
    var total: Int?
  }

  let exchange: Exchange
  let key: String
  let isCloud: Bool
  /// The role that may see the comment; files have no such mark, so that it comes without.
  let visibility: String?

  /// 100 comments each; an issue holds 5,000.
  private static let mostPages = 100

  private var root: String { isCloud ? "/rest/api/3" : "/rest/api/2" }

  static func headers(_ token: Secret, user: String?) -> [(name: String, value: String)] {
    let common = [(name: "Accept", value: "application/json")]
    guard let user else { return common + [("Authorization", "Bearer " + token.value)] }
    let pair = Data("\(user):\(token.value)".utf8).base64EncodedString()
    return common + [("Authorization", "Basic " + pair)]
  }

  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState {
    let user = try await exchange.read("\(root)/myself", .identity).decoded(User.self, .identity)
    let hanging = try await attachments(.ticket)
    if !files.isEmpty && visibility == nil {
      let limits = try await exchange.read("\(root)/attachment/meta", .ticket)
        .decoded(Limits.self, .ticket)
      guard limits.enabled else { throw AttachFailure(.ticket, .attachmentsOff) }
      for file in files {
        if let limit = limits.uploadLimit, file.bytes.count > limit {
          throw AttachFailure(
            .upload(file.name),
            .tooLarge(file: file.name, size: file.bytes.count, limit: limit))
        }
      }
    }
    return TicketState(identity: user.identity, files: Set(hanging.map(\.id)))
  }

  private func attachments(_ step: AttachFailure.Step) async throws(AttachFailure) -> [File] {
    let issue = try await exchange.read("\(root)/issue/\(key)?fields=attachment", step)
      .decoded(Issue.self, step)
    return issue.fields?.attachment ?? []
  }

  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment] {
    var found: [PostedComment] = []
    var seen = 0
    for _ in 0..<Self.mostPages {
      let page = try await exchange.read(
        "\(root)/issue/\(key)/comment?orderBy=-created&maxResults=100&startAt=\(seen)", .lookUp
      ).decoded(Page.self, .lookUp)
      for comment in page.comments {
        guard let marker = Marker(lastLineOf: comment.body?.text ?? "") else { continue }
        let author = comment.author?.identity
        found.append(
          PostedComment(
            id: comment.id, marker: marker, isOwn: author != nil && author == state.identity,
            day: day(of: comment.created),
            address: "\(exchange.base)/browse/\(key)?focusedCommentId=\(comment.id)"))
      }
      seen += page.comments.count
      if page.comments.isEmpty || seen >= page.total ?? 0 { break }
    }
    return found.reversed()
  }

  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>? {
    if visibility != nil { return nil }
    let form = Multipart(file)
    let step = AttachFailure.Step.upload(file.name)
    let written = try await exchange.write(
      "POST", "\(root)/issue/\(key)/attachments", step, type: form.type, body: form.body,
      more: [("X-Atlassian-Token", "no-check")])
    switch written {
    case .unknown(let failure): return .unknown(failure)
    case .done(let answer):
      let files = try answer.decoded([File].self, step)
      guard files.contains(where: { $0.filename == file.name }) else {
        throw AttachFailure(step, .unreadable, requestID: answer.requestID)
      }
      return .done(Parcel.Place(name: file.name, address: nil))
    }
  }

  func find(
    _ file: Parcel.File, _ state: TicketState
  ) async throws(AttachFailure) -> Parcel.Place? {
    let isThere = try await attachments(.upload(file.name)).contains { hanging in
      !state.files.contains(hanging.id) && hanging.filename == file.name
        && hanging.size == file.bytes.count && hanging.author?.identity == state.identity
    }
    return isThere ? Parcel.Place(name: file.name, address: nil) : nil
  }

  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    try await send("POST", "\(root)/issue/\(key)/comment", comment)
  }

  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    try await send("PUT", "\(root)/issue/\(key)/comment/\(Self.segment(earlier.id))", comment)
  }

  /// A comment's id as the server spelled it: digits, or it leads nowhere.
  private static func segment(_ id: String) -> String {
    id.utf8.allSatisfy { (0x30...0x39).contains($0) } ? id : "0"
  }

  private func send(
    _ method: String, _ path: String, _ comment: String
  ) async throws(AttachFailure) -> Written<Void> {
    // The cloud's comment is a JSON document already.
    var members = [(name: "body", json: isCloud ? comment : RequestJSON.string(comment))]
    if let visibility {
      let role = RequestJSON.object([
        ("type", "\"role\""), ("value", RequestJSON.string(visibility)),
      ])
      members.append(("visibility", role))
    }
    return try await exchange.write(
      method, path, .comment, type: "application/json",
      body: Array(RequestJSON.object(members).utf8)
    ).withoutValue
  }
}
