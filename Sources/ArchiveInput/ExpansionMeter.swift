internal import IncidentModel

/// Counts what one file becomes, container by container, and stops it where it grows like a bomb.
///
/// Each depth of containers has its own sum, over all members: a gzip in a tar in a zip is not counted three times.
final class ExpansionMeter {
  private let limits: InputLimits
  private let disk: DiskBytes
  private var sums: [Int]
  /// A bound was broken: nothing more is read of the file.
  private(set) var isBroken = false

  init(_ limits: InputLimits, disk: DiskBytes) {
    self.limits = limits
    self.disk = disk
    sums = [Int](repeating: 0, count: max(0, limits.maxNesting) + 2)
  }

  /// Adds the bytes that a container at `depth` gave; where that breaks a bound, the record is told which, at its layer's `offset`.
  func add(_ count: Int, depth: Int, offset: Int, record: ReadingRecord) {
    guard sums.indices.contains(depth), !isBroken else { return }
    sums[depth] += count
    let sum = sums[depth]
    if sum > limits.maxDecompressedBytes {
      record.add(
        .bomb,
        "it holds more than \(count: limits.maxDecompressedBytes) bytes; what came before is kept",
        offset: offset)
    } else if sum > limits.expansionFloorBytes,
      sum / max(1, limits.maxExpansionRatio) > disk.bytesRead
    {
      record.add(
        .bomb,
        "\(count: disk.bytesRead) bytes on disk became \(count: sum), which is \(count: sum / max(1, disk.bytesRead)) for each; more than \(count: limits.maxExpansionRatio) are taken for a decompression bomb, so only what came before is kept; where it is none, allow more with --max-expansion",
        offset: offset)
    } else {
      return
    }
    isBroken = true
    record.truncatedAt = offset
  }
}

/// A container's bytes on their way up, counted; they end where the meter says so.
final class MeteredBytes: ByteLayer {
  private let source: any ByteLayer
  private let meter: ExpansionMeter
  private let depth: Int
  private let record: ReadingRecord
  private var offset = 0

  init(_ source: any ByteLayer, _ meter: ExpansionMeter, depth: Int, record: ReadingRecord) {
    self.source = source
    self.meter = meter
    self.depth = depth
    self.record = record
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    guard !meter.isBroken else { return 0 }
    let count = unsafe source.read(into: target)
    offset += count
    meter.add(count, depth: depth, offset: offset, record: record)
    return count
  }
}
