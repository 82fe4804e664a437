/// Attaches a report to a ticket: look, lay the files down, post, look again.
package struct TicketDelivery: Sendable {
  /// How it ended.
  package enum Receipt: Sendable, Hashable {
    /// The same report hangs there; nothing was sent.
    case alreadyThere(address: String)
    case posted(address: String)
    case replaced(address: String)
  }

  private let tracker: any Tracker
  private let pause: Pause

  /// `options` that the target's tracker does not know are left aside.
  package init(
    _ access: TrackerAccess, options: TicketOptions, courier: any Courier,
    pause: @escaping Pause
  ) {
    self.pause = pause
    tracker = access.tracker(options: options, courier: courier, pause: pause)
  }

  /// Attaches the parcel; run again it does nothing.
  ///
  /// `replaces`: an earlier report of the same incident and window gives its place.
  package func run(
    _ parcel: Parcel, replaces: Bool
  ) async throws(AttachFailure) -> Receipt {
    let state = try await tracker.check(parcel.files)
    let found = try await tracker.comments(state)
    if let same = Self.same(parcel, in: found) { return .alreadyThere(address: same.address) }
    let earlier =
      replaces ? found.filter { $0.marker.subject == parcel.subject } : []
    let own = tracker.editsComments ? earlier.last(where: \.isOwn) : nil
    let places = try await upload(parcel, state)
    let comment = parcel.comment(places, own == nil ? earlier.last.map { $0.day ?? "" } : nil)
    do throws(AttachFailure) {
      let posted = try await post(comment, over: own, places, parcel, state)
      return own == nil ? .posted(address: posted.address) : .replaced(address: posted.address)
    } catch {
      var failure = error
      failure.leftFiles = places.filter(\.liesThere).map(\.name)
      throw failure
    }
  }

  private static func same(_ parcel: Parcel, in found: [PostedComment]) -> PostedComment? {
    found.first { $0.isOwn && $0.marker.digest == parcel.digest }
  }

  private func upload(
    _ parcel: Parcel, _ state: TicketState
  ) async throws(AttachFailure) -> [Parcel.Place] {
    if let places = try await stored(parcel) { return places }
    var places: [Parcel.Place] = []
    for file in parcel.files {
      do throws(AttachFailure) {
        if let place = try await upload(file, parcel.digest, state) { places.append(place) }
      } catch {
        var failure = error
        // Where a file got lost, no comment was sent.
        failure.isUncertain = false
        failure.leftFiles = places.filter(\.liesThere).map(\.name)
        throw failure
      }
    }
    return places
  }

  /// The files in a store of their own; what was laid down there is found the second time.
  private func stored(_ parcel: Parcel) async throws(AttachFailure) -> [Parcel.Place]? {
    guard !parcel.files.isEmpty else { return nil }
    var doubt: AttachFailure?
    for _ in 0..<2 {
      switch try await tracker.store(parcel) {
      case .done(let places): return places
      case nil: return nil
      case .unknown(let failure):
        doubt = failure
        await pause(Self.secondsBeforeLook)
      }
    }
    var failure = doubt ?? AttachFailure(.comment, .notThere)
    failure.isUncertain = false
    throw failure
  }

  private func upload(
    _ file: Parcel.File, _ digest: String, _ state: TicketState
  ) async throws(AttachFailure) -> Parcel.Place? {
    var doubt: AttachFailure?
    for _ in 0..<2 {
      switch try await tracker.upload(file, of: digest) {
      case .done(let place): return place
      case nil: return nil
      case .unknown(let failure):
        doubt = failure
        await pause(Self.secondsBeforeLook)
        if let place = try await tracker.find(file, state) { return place }
      }
    }
    throw doubt ?? AttachFailure(.upload(file.name), .notThere)
  }

  /// For a server that is still busy with what it seemed to drop.
  private static let secondsBeforeLook = 2

  private func post(
    _ comment: String, over own: PostedComment?, _ places: [Parcel.Place], _ parcel: Parcel,
    _ state: TicketState
  ) async throws(AttachFailure) -> PostedComment {
    var doubt: AttachFailure?
    for _ in 0..<2 {
      let written: Written<Void>
      if let own {
        written = try await tracker.replace(own, with: comment, files: places)
      } else {
        written = try await tracker.post(comment, files: places)
      }
      if case .unknown(let failure) = written {
        doubt = failure
        await pause(Self.secondsBeforeLook)
      }
      if let posted = try await look(for: parcel, state) { return posted }
      if case .done = written {
        var failure = AttachFailure(.comment, .notThere)
        failure.isUncertain = true
        throw failure
      }
    }
    throw doubt ?? AttachFailure(.comment, .notThere)
  }

  private func look(
    for parcel: Parcel, _ state: TicketState
  ) async throws(AttachFailure) -> PostedComment? {
    do throws(AttachFailure) {
      return Self.same(parcel, in: try await tracker.comments(state))
    } catch {
      var failure = error
      failure.isUncertain = true
      throw failure
    }
  }
}
