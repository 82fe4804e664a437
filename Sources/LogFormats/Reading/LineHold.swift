internal import IncidentModel

/// Lines that were refused and wait for the next accepted one, or for the verdict that the format has changed.
struct LineHold {
  /// A line as it stands, with what is to be told of it if the format stays.
  struct Line {
    var bytes: [UInt8]
    var number: Int
    var offset: Int
    /// Nil: the line was empty or a header, and passed.
    var rejection: RejectedLine?
  }

  /// So many refused lines in a row ask for another look at the format (FORMATS §4).
  static let patience = 50
  /// The most that is held, so that long lines cost no memory.
  static let maximumBytes = 4 << 20
  /// The longest run of refused lines between two looks.
  private static let longestInterval = 51_200

  private(set) var lines: [Line] = []
  private var byteCount = 0
  private var inARow = 0
  private var nextLook = patience

  var isEmpty: Bool { lines.isEmpty }

  /// Whether a line that is refused now must be kept for the next look.
  var isHolding: Bool { inARow >= nextLook - Self.patience && byteCount < Self.maximumBytes }

  /// Whether it is time to look.
  var isDue: Bool { inARow >= nextLook }

  /// Keeps a line, or only counts it where the next look is far off.
  mutating func keep(_ line: Line) {
    byteCount += line.bytes.count
    lines.append(line)
  }

  mutating func countRefused() { inARow += 1 }

  /// Takes the lines out; the run goes on.
  mutating func takeLines() -> [Line] {
    byteCount = 0
    defer { lines = [] }
    return lines
  }

  /// A line was accepted, or the format has changed: the run is over.
  mutating func endRun() {
    inARow = 0
    nextLook = Self.patience
  }

  /// The look changed nothing: the next one comes after twice as many lines.
  mutating func lookInVain() {
    inARow = 0
    nextLook = min(nextLook * 2, Self.longestInterval)
  }
}
