internal import Foundation

/// A folder in a tracker's place: `comment-HEX.md`, and the files of that comment in `HEX/`.
struct FolderTracker: Tracker {
  let path: String

  /// Bytes; a longer file is no comment of floodmark's.
  private static let longestComment = 1 << 20

  func check(_ files: [Parcel.File]) async throws(AttachFailure) -> TicketState {
    try attempt(.ticket, path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    return TicketState()
  }

  func comments(_ state: TicketState) async throws(AttachFailure) -> [PostedComment] {
    let names = try attempt(.lookUp, path) {
      try FileManager.default.contentsOfDirectory(atPath: path)
    }
    var found: [PostedComment] = []
    for name in names.sorted() where name.hasPrefix("comment-") && name.hasSuffix(".md") {
      let file = path + "/" + name
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      guard let size = (attributes?[.size] as? NSNumber)?.intValue, size <= Self.longestComment,
        let bytes = FileManager.default.contents(atPath: file),
        let marker = Marker(lastLineOf: String(decoding: bytes, as: UTF8.self))
      else { continue }
      found.append(
        PostedComment(id: name, marker: marker, isOwn: true, day: nil, address: file))
    }
    return found
  }

  func upload(
    _ file: Parcel.File, of digest: String
  ) async throws(AttachFailure) -> Written<Parcel.Place>? {
    let folder = String(digest.prefix(12))
    try write(file.bytes, to: path + "/" + folder + "/" + file.name, .upload(file.name))
    return .done(Parcel.Place(name: file.name, address: folder + "/" + file.name))
  }

  func post(
    _ comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    let digest = Marker(lastLineOf: comment)?.digest.prefix(12) ?? "unmarked"
    try write(Array(comment.utf8), to: path + "/comment-\(digest).md", .comment)
    return .done(())
  }

  func replace(
    _ earlier: PostedComment, with comment: String, files: [Parcel.Place]
  ) async throws(AttachFailure) -> Written<Void> {
    let written = try await post(comment, files: files)
    try attempt(.comment, earlier.address) {
      try FileManager.default.removeItem(atPath: earlier.address)
    }
    return written
  }

  private func write(
    _ bytes: [UInt8], to file: String, _ step: AttachFailure.Step
  ) throws(AttachFailure) {
    try attempt(step, file) {
      let place = URL(filePath: file)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: place, options: .atomic)
    }
  }

  private func attempt<Value>(
    _ step: AttachFailure.Step, _ file: String, _ body: () throws -> Value
  ) throws(AttachFailure) -> Value {
    do {
      return try body()
    } catch {
      let reason = (error as? CocoaError)?.localizedDescription ?? String(describing: error)
      throw AttachFailure(step, .file(path: file, reason: reason))
    }
  }
}
