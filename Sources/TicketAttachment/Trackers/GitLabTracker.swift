/// GitLab's REST API, version 4: notes of issues, and files of the project that a note links.
struct GitLabTracker: Tracker {
  private struct User: Decodable {
    var id: Int
  }

  private struct Note: Decodable {
    var id: Int
    var body: String?
    var author: User?
    var created: String?
    /// Written by GitLab itself.
    var system: Bool?

    private enum CodingKeys: String, CodingKey {
      case id, body, author, system
      case created = "created_at"
    }
  }

  private struct Upload: Decodable {
    var url: String
  }

  let exchange: Exchange
  /// `group/project`
  let project: String
  let issue: Int
  let isInternal: Bool

  /// 100 notes each.
  private static let mostPages = 100

  private var root: String {
    "/api/v4/projects/" + project.split(separator: "/").joined(separator: "%2F")
  }

  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState {
    let user = try await exchange.read("/api/v4/user", .identity).decoded(User.self, .identity)
    _ = try await exchange.read("\(root)/issues/\(issue)", .ticket)
    return TicketState(identity: String(user.id))
  }

  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment] {
    var found: [PostedComment] = []
    for page in 1...Self.mostPages {
      let answer = try await exchange.read(
        "\(root)/issues/\(issue)/notes?sort=desc&order_by=created_at&per_page=100&page=\(page)",
        .lookUp)
      for note in try answer.decoded([Note].self, .lookUp) where note.system != true {
        guard let marker = Marker(lastLineOf: note.body ?? "") else { continue }
        found.append(
          PostedComment(
            id: String(note.id), marker: marker,
            isOwn: note.author.map { String($0.id) } == state.identity,
            day: day(of: note.created),
            address: "\(exchange.base)/\(project)/-/issues/\(issue)#note_\(note.id)"))
      }
      if answer.headers["x-next-page", default: ""].isEmpty { break }
    }
    return found.reversed()
  }

  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>? {
    let form = Multipart(file)
    let step = AttachFailure.Step.upload(file.name)
    switch try await exchange.write(
      "POST", "\(root)/uploads", step, type: form.type, body: form.body)
    {
    case .unknown(let failure): return .unknown(failure)
    case .done(let answer):
      let address = try answer.decoded(Upload.self, step).url
      guard Self.isAddress(address) else { throw AttachFailure(step, .unreadable) }
      return .done(Parcel.Place(name: file.name, address: address))
    }
  }

  /// `/uploads/HASH/report.md`, in characters that mean nothing in Markdown.
  private static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= 512
      && text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy { TicketTarget.isName($0) }
  }

  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    let body = RequestJSON.object([
      ("body", RequestJSON.string(comment)), ("internal", isInternal ? "true" : "false"),
    ])
    return try await exchange.write(
      "POST", "\(root)/issues/\(issue)/notes", .comment, type: "application/json",
      body: Array(body.utf8)
    ).withoutValue
  }

  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    let body = RequestJSON.object([("body", RequestJSON.string(comment))])
    return try await exchange.write(
      "PUT", "\(root)/issues/\(issue)/notes/\(earlier.id)", .comment, type: "application/json",
      body: Array(body.utf8)
    ).withoutValue
  }
}
