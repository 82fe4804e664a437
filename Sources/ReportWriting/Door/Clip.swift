/// The third step of the door: how much of a text is shown (REPORT §6.1).
enum ClipLimit: Int, Hashable {
  /// A quote in the evidence.
  case evidence = 160
  /// A value in a table or a sentence.
  case table = 80
  /// A label in a drawing.
  case chart = 40
  /// A file's name, which programs read back; longer than any path that a reader could use.
  case path = 4096

  /// How many scalars are kept of the end of a text that is too long.
  static let tail = 40

  /// The text in at most `rawValue` scalars: its head, `…`, and its end; no atom is cut.
  func clipped(_ atoms: [String]) -> String {
    let sizes = atoms.map(\.unicodeScalars.count)
    guard sizes.reduce(0, +) > rawValue else { return atoms.joined() }
    let tailRoom = min(Self.tail, (rawValue - 1) / 2)
    var head = 0
    var used = 0
    while head < atoms.count, used + sizes[head] <= rawValue - 1 - tailRoom {
      used += sizes[head]
      head += 1
    }
    var tail = atoms.count
    used = 0
    while tail > head, used + sizes[tail - 1] <= tailRoom {
      used += sizes[tail - 1]
      tail -= 1
    }
    return atoms[..<head].joined() + "…" + atoms[tail...].joined()
  }
}
