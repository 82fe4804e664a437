internal import Correlation

/// Reads one series a line, values between blanks, and prints the first index of every new level of each.
@main
struct LevelChangesOfSeries {
  static func main() {
    while let line = readLine() {
      let values = line.split(separator: " ").map { Double($0) ?? .nan }
      // The zero of these series means nothing, so no change is too small a part of a level.
      let found = LevelChanges(values, leastChange: 0)
      print(found.changes.map { "\($0)" }.joined(separator: " "))
    }
  }
}
