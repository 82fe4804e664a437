internal import ArgumentParser
internal import FloodmarkTestSupport
internal import Foundation
internal import IncidentModel

/// Large logs for measuring throughput.
struct Load: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write large combined logs in little time.")

  @Option(help: "Size of all logs together, before compression.") var megabytes = 500
  @Option(help: "Over how many files.") var files = 3
  @Option(help: "The same seed gives the same bytes.") var seed: UInt64 = 1
  @Option(help: "Lines per second of each log's clock.") var linesPerSecond = 200
  @Flag(help: "Compress each log with gzip.") var gzip = false
  @Option(help: "The folder to write into.") var output: String

  func run() throws {
    let count = max(1, min(files, 1_000))
    let size = max(1, min(megabytes, 1_000_000)) * 1_000_000 / count
    var generator = LoadGenerator(seed: seed)
    for number in 1...count {
      let path = "\(output)/access/web-\(number).log" + (gzip ? ".gz" : "")
      try write([], to: path)
      let handle = try FileHandle(forWritingTo: URL(filePath: path))
      let lines = try generator.generate(
        size: size, start: Instant(seconds: 1_704_067_200),
        linesPerSecond: max(1, linesPerSecond)
      ) { portion in
        try handle.write(
          contentsOf: Data(gzip ? FloodmarkTestSupport.gzip(portion, level: 6) : portion))
      }
      try handle.close()
      print("\(path): \(lines) lines")
    }
  }
}

/// What zlib alone needs for a file: the floor under every reader's time.
struct Inflate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Inflate gzip files and throw the bytes away, one after the other.")

  @ArgumentParser.Argument(help: "The files.") var files: [String]

  func run() throws {
    for file in files {
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: file)))
      print("\(file): \(inflatedCount(bytes)) bytes")
    }
  }
}

/// The incident that the repository ships.
struct Shipped: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the shipped incident; its truth goes beside the folder.")

  @Option(help: "The folder to write into.") var output: String

  func run() throws {
    let archive = PrimeDay.archive
    try archive.writeLogs(to: output)
    try write(archive.truth.document, to: output + ".truth.json")
    let truth = archive.truth
    print(
      "\(truth.total) requests, \(truth.failed) failed, \(truth.repeats) repeats,"
        + " peak shortfall \(truth.peakShortfall)")
  }
}
