internal import ArchiveInput
internal import Synchronization

/// Looks out for copies in files whose members only show while they are counted.
///
/// Nearly always there are none, and looking into a compressed tar beforehand would double the work. What it takes for a copy need not be one; what is one it finds, in whatever order the members come.
final class CopyWatch: Sendable {
  /// Inputs must have smaller numbers than this to be counted by the minute.
  static let numberLimit = 1 << 24

  private struct Seen {
    var ids: Set<ContentID> = []
    /// Of every member, each of its marks.
    var marks: Set<ContentMark> = []
    /// Of members that are no longer than their heads, the last mark.
    var shortMarks: Set<ContentMark> = []
  }

  private let seen: Mutex<Seen>
  private let found = Atomic<Bool>(false)

  /// Starts with the members that are known, whose copies among themselves are known too.
  init(_ known: [ContentSketch]) {
    var seen = Seen()
    for sketch in known { Self.add(sketch, to: &seen) }
    self.seen = Mutex(seen)
  }

  /// There may be a copy: what was counted must be counted anew.
  var hasCopy: Bool { found.load(ordering: .relaxed) }

  /// Takes note of a member that is about to be counted under a number.
  func look(at sketch: ContentSketch, number: Int) {
    guard sketch.headBytes > 0 else { return }
    let isCopy = seen.withLock { seen in
      defer { Self.add(sketch, to: &seen) }
      if seen.ids.contains(sketch.id) { return true }
      let marks = Self.marks(of: sketch)
      if sketch.isWhole, let last = marks.last, seen.marks.contains(last) { return true }
      return marks.contains(where: seen.shortMarks.contains)
    }
    if isCopy || number >= Self.numberLimit { found.store(true, ordering: .relaxed) }
  }

  private static func add(_ sketch: ContentSketch, to seen: inout Seen) {
    guard sketch.headBytes > 0 else { return }
    seen.ids.insert(sketch.id)
    let marks = marks(of: sketch)
    seen.marks.formUnion(marks)
    if sketch.isWhole, let last = marks.last { seen.shortMarks.insert(last) }
  }

  private static func marks(of sketch: ContentSketch) -> [ContentMark] {
    sketch.marks.enumerated().map { ContentMark(level: $0, hash: $1) }
  }
}
