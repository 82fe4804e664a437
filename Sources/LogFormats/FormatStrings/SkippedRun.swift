/// Fields in a row that nobody needs, read over in one step: half of what HAProxy writes.
enum SkippedRun {
  /// As many bytes as a word holds.
  private static let longest = 8

  /// The steps with every such run as one.
  static func joined(_ steps: [FormatProgram.Step]) -> [FormatProgram.Step] {
    var joined: [FormatProgram.Step] = []
    for step in steps {
      guard step.isSkipped, let last = joined.last, last.shape == .skips || last.isSkipped,
        last.behind.count < longest
      else {
        joined.append(step)
        continue
      }
      var run = last
      run.shape = .skips
      run.behind.word |= UInt64(step.first) << (UInt64(last.behind.count) * 8)
      run.behind.count += 1
      joined[joined.count - 1] = run
    }
    return joined
  }
}

extension FormatProgram.Step {
  fileprivate var isSkipped: Bool { shape == .word && field == .skip && !isChecked }
}
