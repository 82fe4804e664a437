/// Redmine's REST API: notes of issues, and files that one note claims.
struct RedmineTracker: Tracker {
  private struct User: Decodable {
    var id: Int
  }

  private struct Current: Decodable {
    var user: User
  }

  private struct Journal: Decodable {
    var id: Int
    var user: User?
    var notes: String?
    var created: String?

    private enum CodingKeys: String, CodingKey {
      case id, user, notes
      case created = "created_on"
    }
  }

  private struct Answer: Decodable {
    struct Issue: Decodable {
      var journals: [Journal]?
    }

    var issue: Issue
  }

  private struct Upload: Decodable {
    struct Token: Decodable {
      var token: String
    }

    var upload: Token
  }

  let exchange: Exchange
  let issue: Int
  /// The note is for those who may see private notes; files have no such mark, so that it comes without.
  let isPrivate: Bool

  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState {
    // On a public project a wrong key reads as nobody, so that only this call tells.
    let current = try await exchange.read("/users/current.json", .identity)
      .decoded(Current.self, .identity)
    _ = try await exchange.read("/issues/\(issue).json", .ticket)
    return TicketState(identity: String(current.user.id))
  }

  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment] {
    let answer = try await exchange.read(
      "/issues/\(issue).json?include=journals,attachments", .lookUp
    ).decoded(Answer.self, .lookUp)
    return (answer.issue.journals ?? []).compactMap { journal in
      Marker(lastLineOf: journal.notes ?? "").map { marker in
        PostedComment(
          id: String(journal.id), marker: marker,
          isOwn: journal.user.map { String($0.id) } == state.identity,
          day: day(of: journal.created),
          address: "\(exchange.base)/issues/\(issue)#change-\(journal.id)")
      }
    }
  }

  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>? {
    if isPrivate { return nil }
    let step = AttachFailure.Step.upload(file.name)
    switch try await exchange.write(
      "POST", "/uploads.json?filename=\(file.name)", step, type: "application/octet-stream",
      body: file.bytes)
    {
    case .unknown(let failure): return .unknown(failure)
    case .done(let answer):
      var place = Parcel.Place(name: file.name, address: nil)
      let token = try answer.decoded(Upload.self, step).upload.token
      place.claim = RequestJSON.object([
        ("token", RequestJSON.string(token)), ("filename", RequestJSON.string(file.name)),
        ("content_type", RequestJSON.string(file.mediaType)),
        ("description", RequestJSON.string("floodmark-report sha256:" + digest)),
      ])
      return .done(place)
    }
  }

  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    try await change([
      ("notes", RequestJSON.string(comment)), ("private_notes", isPrivate ? "true" : "false"),
      ("uploads", Self.claims(files)),
    ])
  }

  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    // A note that is edited claims no files, so that they come in a change of their own before it.
    if !files.isEmpty {
      let claimed = try await change([("uploads", Self.claims(files))])
      if case .unknown(let failure) = claimed { throw failure }
    }
    let journal = RequestJSON.object([("notes", RequestJSON.string(comment))])
    return try await exchange.write(
      "PUT", "/journals/\(earlier.id).json", .comment, type: "application/json",
      body: Array(RequestJSON.object([("journal", journal)]).utf8)
    ).withoutValue
  }

  private static func claims(_ files: [Parcel.Place]) -> String {
    "[" + files.map(\.claim).joined(separator: ",") + "]"
  }

  private func change(
    _ members: [(name: String, json: String)]
  ) async throws(AttachFailure) -> Written<Void> {
    let body = RequestJSON.object([("issue", RequestJSON.object(members))])
    return try await exchange.write(
      "PUT", "/issues/\(issue).json", .comment, type: "application/json", body: Array(body.utf8)
    ).withoutValue
  }
}
