/// GitHub's REST API, version 2022-11-28: comments, and files beside the ticket where that is asked for.
struct GitHubTracker: Tracker {
  private struct User: Decodable {
    var id: Int
    var type: String?
  }

  private struct Comment: Decodable {
    var id: Int
    var body: String?
    var user: User?
    var created: String?
    var address: String?

    private enum CodingKeys: String, CodingKey {
      case id, body, user
      case created = "created_at"
      case address = "html_url"
    }
  }

  let exchange: Exchange
  /// `/repos/OWNER/REPO`
  let repository: String
  let issue: Int
  let store: FileStore?

  /// 100 comments each.
  private static let mostPages = 100

  static func headers(_ token: Secret) -> [(name: String, value: String)] {
    [
      ("Authorization", "Bearer " + token.value), ("Accept", "application/vnd.github+json"),
      ("X-GitHub-Api-Version", "2022-11-28"),
    ]
  }

  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState {
    var state = TicketState()
    do throws(AttachFailure) {
      let user = try await exchange.read("/user", .identity).decoded(User.self, .identity)
      state.identity = String(user.id)
    } catch {
      // The token of an app, such as that of GitHub's own runners, belongs to no user and may not ask.
      guard case .refused(status: 403, _) = error.problem else { throw error }
    }
    _ = try await exchange.read("\(repository)/issues/\(issue)", .ticket)
    return state
  }

  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment] {
    var found: [PostedComment] = []
    for page in 1...Self.mostPages {
      let answer = try await exchange.read(
        "\(repository)/issues/\(issue)/comments?per_page=100&page=\(page)", .lookUp)
      for comment in try answer.decoded([Comment].self, .lookUp) {
        guard let marker = Marker(lastLineOf: comment.body ?? "") else { continue }
        let isOwn =
          state.identity.map { $0 == comment.user.map { String($0.id) } }
          ?? (comment.user?.type == "Bot")
        found.append(
          PostedComment(
            id: String(comment.id), marker: marker, isOwn: isOwn, day: day(of: comment.created),
            address: comment.address ?? exchange.base))
      }
      if answer.headers["link"]?.contains("rel=\"next\"") != true { break }
    }
    return found
  }

  /// The documented interface takes no files.
  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>? { nil }

  func store(_ parcel: Parcel) async throws(AttachFailure) -> Written<[Parcel.Place]>? {
    guard let store else { return nil }
    let place = GitHubStore(exchange: exchange, repository: repository)
    switch store {
    case .gist: return try await place.gist(parcel)
    case .branch(let name): return try await place.branch(name, parcel)
    }
  }

  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    try await send("POST", "\(repository)/issues/\(issue)/comments", comment)
  }

  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    try await send("PATCH", "\(repository)/issues/comments/\(earlier.id)", comment)
  }

  private func send(
    _ method: String, _ path: String, _ comment: String
  ) async throws(AttachFailure) -> Written<Void> {
    let body = RequestJSON.object([("body", RequestJSON.string(comment))])
    return try await exchange.write(
      method, path, .comment, type: "application/json", body: Array(body.utf8)
    ).withoutValue
  }
}

extension Written where Value == HTTPAnswer {
  /// For those who look for the comment themselves.
  var withoutValue: Written<Void> {
    switch self {
    case .done: .done(())
    case .unknown(let failure): .unknown(failure)
    }
  }
}
