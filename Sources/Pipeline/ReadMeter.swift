internal import ArchiveInput
internal import Synchronization

/// How far a run has read: the workers count, a progress display polls.
package final class ReadMeter: Sendable {
  /// One look at the counters.
  package struct Reading: Sendable {
    /// Bytes on disk that were read.
    package var bytes: Int
    /// Bytes on disk that there are; 0 while unknown, as with standard input.
    package var totalBytes: Int
    package var lines: Int
  }

  private let total = Atomic<Int>(0)
  private let lineCount = Atomic<Int>(0)
  let progress = ReadProgress()

  package init() {}

  package var reading: Reading {
    Reading(
      bytes: progress.bytesRead, totalBytes: total.load(ordering: .relaxed),
      lines: lineCount.load(ordering: .relaxed))
  }

  func expect(bytes: Int) { total.store(bytes, ordering: .relaxed) }

  /// Everything is read once more.
  func startOver() {
    progress.startOver()
    lineCount.store(0, ordering: .relaxed)
  }

  /// A file's bytes need not be read.
  func add(bytes: Int) { progress.add(bytes) }

  func add(lines: Int) { lineCount.add(lines, ordering: .relaxed) }
}
