internal import Foundation

/// Request Tracker's REST 2: one comment that carries its files, seen by those who may see comments.
///
/// A comment can't be edited there, so that a later report gets one of its own.
struct RequestTracker: Tracker {
  private struct User: Decodable {
    var name: String

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
    }
  }

  /// A number here, a text there.
  private struct Identifier: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        text = String(number)
      } else {
        text = try container.decode(String.self)
      }
    }
  }

  /// What is only named.
  private struct Reference: Decodable {
    var id: Identifier
  }

  private struct Page<Item: Decodable>: Decodable {
    var items: [Item]
  }

  private struct Transaction: Decodable {
    var id: Identifier
    var creator: Reference?
    var created: String?

    private enum CodingKeys: String, CodingKey {
      case id
      case creator = "Creator"
      case created = "Created"
    }
  }

  private struct Part: Decodable {
    var id: Identifier
    var type: String?
    var name: String?

    private enum CodingKeys: String, CodingKey {
      case id
      case type = "ContentType"
      case name = "Filename"
    }
  }

  private struct Contents: Decodable {
    /// Base64, in lines.
    var content: String?

    private enum CodingKeys: String, CodingKey {
      case content = "Content"
    }
  }

  let exchange: Exchange
  let ticket: Int
  /// The number of the token's user, which the token itself names; nil where it is no token of this tracker's.
  let user: Int?

  private static let lead = "floodmark-report sha256:"
  private static let perPage = 100
  private static let mostPages = 20

  /// The header of a token.
  static func headers(_ token: Secret) -> [(name: String, value: String)] {
    [("Authorization", "token " + token.value), ("Accept", "application/json")]
  }

  /// A token has the form `1-USER-SECRET` (`RT::AuthToken`).
  static func user(of token: Secret) -> Int? {
    let parts = token.value.split(separator: "-", maxSplits: 2)
    return parts.count == 3 ? Int(parts[1]).flatMap { $0 > 0 ? $0 : nil } : nil
  }

  var editsComments: Bool { false }

  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState {
    // The answer to a token that is none tells so, whatever is asked for.
    let answer = try await exchange.read("/REST/2.0/user/\(user ?? 0)", .identity)
    let name = try answer.decoded(User.self, .identity).name
    _ = try await exchange.read("/REST/2.0/ticket/\(ticket)", .ticket)
    return TicketState(identity: name)
  }

  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment] {
    // A ticket that was merged into another answers with the other's number, under which its comments stand.
    let number = try await exchange.read("/REST/2.0/ticket/\(ticket)", .lookUp)
      .decoded(Reference.self, .lookUp).id.text
    guard let number = Int(number) else { throw AttachFailure(.lookUp, .unreadable) }
    let query =
      "ObjectType = 'RT::Ticket' AND ObjectId = \(number) AND Type = 'Comment' AND Subject LIKE '\(Self.lead)'"
    var found: [PostedComment] = []
    for page in 1...Self.mostPages {
      let list = try await exchange.read(
        "/REST/2.0/transactions?query=\(Self.encoded(query))&fields=Creator,Created"
          + "&orderby=id&order=ASC&per_page=\(Self.perPage)&page=\(page)", .lookUp
      ).decoded(Page<Transaction>.self, .lookUp).items
      for transaction in list {
        if let comment = try await comment(transaction, state) { found.append(comment) }
      }
      if list.count < Self.perPage { break }
    }
    return found
  }

  /// The comment of a transaction, if it ends with a marker; its subject alone proves nothing.
  private func comment(
    _ transaction: Transaction, _ state: TicketState
  ) async throws(AttachFailure) -> PostedComment? {
    guard let number = Int(transaction.id.text) else { return nil }
    let parts = try await exchange.read(
      "/REST/2.0/transaction/\(number)/attachments?fields=ContentType,Filename", .lookUp
    ).decoded(Page<Part>.self, .lookUp).items
    guard
      let part = parts.first(where: { $0.type == "text/plain" && ($0.name ?? "").isEmpty }),
      let id = Int(part.id.text)
    else { return nil }
    let text =
      try await exchange.read("/REST/2.0/attachment/\(id)", .lookUp)
      .decoded(Contents.self, .lookUp).content ?? ""
    guard let bytes = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
      let marker = Marker(lastLineOf: String(decoding: bytes, as: UTF8.self))
    else { return nil }
    return PostedComment(
      id: transaction.id.text, marker: marker,
      isOwn: transaction.creator?.id.text == state.identity,
      day: day(of: transaction.created),
      address: "\(exchange.base)/Ticket/Display.html?id=\(ticket)#txn-\(number)")
  }

  /// A file travels in the comment, so that nothing is sent for it alone; an empty one it does not take.
  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>? {
    if file.bytes.isEmpty { return nil }
    var place = Parcel.Place(name: file.name, address: nil)
    place.liesThere = false
    place.claim = RequestJSON.object([
      ("FileName", RequestJSON.string(file.name)), ("FileType", RequestJSON.string(file.mediaType)),
      ("FileContent", RequestJSON.string(Data(file.bytes).base64EncodedString())),
    ])
    return .done(place)
  }

  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    let digest = Marker(lastLineOf: comment)?.digest ?? ""
    let body = RequestJSON.object([
      ("Subject", RequestJSON.string(Self.lead + digest)),
      ("Content", RequestJSON.string(comment)), ("ContentType", RequestJSON.string("text/plain")),
      ("Attachments", "[" + files.map(\.claim).joined(separator: ",") + "]"),
    ])
    return try await exchange.write(
      "POST", "/REST/2.0/ticket/\(ticket)/comment", .comment, type: "application/json",
      body: Array(body.utf8)
    ).withoutValue
  }

  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    try await post(comment, files: files)
  }

  private static func encoded(_ query: String) -> String {
    query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
