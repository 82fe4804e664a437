internal import Synchronization

/// What bounds the reading of one input, so that no file can exhaust the machine.
package struct InputLimits: Sendable {
  /// Decompressed bytes in a block of lines: large enough to make a hand-over cheap, small enough for the cache.
  package var blockBytes = 512 << 10
  /// Bytes that one read asks of the disk.
  package var readBytes = 256 << 10
  /// The longest line that is kept, without its newline; a longer one is cut out and counted.
  package var maxLineBytes = 1 << 20
  /// How many decompressed bytes one byte on disk may become.
  ///
  /// deflate reaches 1,032 at most; zstd, xz and bzip2 go beyond 10,000 where one line follows the other unchanged, which a log with times in it does not.
  package var maxExpansionRatio = 1_000
  /// Decompressed bytes below which no ratio is a bomb.
  ///
  /// Memory is bounded whatever a file becomes, so what a bomb costs is time, and this much is read in seconds: a short file that repeats itself, such as a log of health checks, is read whole.
  package var expansionFloorBytes = 1 << 30
  /// Decompressed bytes of one file, all its members together.
  package var maxDecompressedBytes = 1 << 44
  /// Folders inside folders below a PATH.
  package var maxFolderDepth = 64
  /// Files under all PATHs together.
  package var maxFiles = 1_000_000
  /// Containers inside containers, such as a gzip in a tar in a zip: 3.
  package var maxNesting = 8
  /// Members of one archive file, those of nested archives included.
  package var maxMembers = 1_000_000

  /// What the decoders of all readers may look back into together.
  package var windows = WindowBudget.shared

  package init() {}
}

/// The bytes read from disk so far: readers add to it, a progress bar polls it from any thread.
package final class ReadProgress: Sendable {
  private let counter = Atomic<Int>(0)

  package init() {}

  /// Compressed bytes, as they stand on disk.
  package var bytesRead: Int { counter.load(ordering: .relaxed) }

  /// Counts from 0 again.
  package func startOver() { counter.store(0, ordering: .relaxed) }

  func add(_ count: Int) { counter.add(count, ordering: .relaxed) }
}
