/// What a run knows of the ticket before it writes.
struct TicketState: Sendable {
  /// Who the token belongs to, in the tracker's own key; nil where the tracker does not tell.
  var identity: String?
  /// The files that hang there already.
  var files: Set<String> = []
}

/// A comment that ends with a marker.
struct PostedComment: Sendable {
  var id: String
  var marker: Marker
  /// Whether it is by the one whose token this is.
  var isOwn: Bool
  /// `2018-07-17`; nil where the server gave no date.
  var day: String?
  /// Where a person finds it.
  var address: String
}

/// One kind of tracker; ``TicketDelivery`` asks all of them alike.
protocol Tracker: Sendable {
  /// Whether a comment that stands there can be changed; where not, a later report gets one of its own.
  var editsComments: Bool { get }

  /// Who am I, does the ticket exist, and does it take these files?
  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState

  /// The comments that end with a marker, the oldest first.
  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment]

  /// Lays a file down; nil where the tracker takes none.
  ///
  /// `digest`: that of the report.
  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>?

  /// Lays all files down in one place, or finds them there; nil where files are laid down one by one.
  func store(_ parcel: Parcel) async throws(AttachFailure) -> Written<[Parcel.Place]>?

  /// A file that an upload of unknown end left behind.
  func find(
    _ file: Parcel.File, _ state: TicketState
  ) async throws(AttachFailure) -> Parcel.Place?

  /// Posts a comment.
  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void>

  /// Puts a comment in the place of an earlier one.
  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void>
}

extension Tracker {
  var editsComments: Bool { true }

  func store(_ parcel: Parcel) async throws(AttachFailure) -> Written<[Parcel.Place]>? { nil }

  /// Most trackers list no files that no comment names.
  func find(
    _ file: Parcel.File, _ state: TicketState
  ) async throws(AttachFailure) -> Parcel.Place? { nil }
}

/// A day in the form `2018-07-17` at the beginning of a server's time stamp.
func day(of stamp: String?) -> String? {
  guard let stamp, stamp.utf8.count >= 10 else { return nil }
  let day = stamp.prefix(10)
  let isDay = zip(day.utf8, "0000-00-00".utf8).allSatisfy { byte, form in
    form == 0x2D ? byte == 0x2D : (0x30...0x39).contains(byte)
  }
  return isDay && day.utf8.count == 10 ? String(day) : nil
}
