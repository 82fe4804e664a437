/// How far two names lie apart, for messages that ask what was meant.
enum EditDistance {
  /// Insertions, deletions and replacements from one name to the other (Levenshtein).
  static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
    // A name of this length is none of ours.
    if left.count > 64 { return left.count }
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (byte == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
