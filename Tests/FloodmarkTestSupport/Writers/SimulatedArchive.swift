internal import FoundationEssentials
internal import Glibc
internal import IncidentModel

/// An incident as files: logs by their path below the archive's folder, and the truth beside them.
package struct SimulatedArchive: Sendable {
  /// How the access logs are packed.
  package enum Packing: String, CaseIterable, Sendable {
    case plain, gzip
    /// The first log plain, the second one gzip member, the third several, and so on.
    case mixed
  }

  /// By path below the archive's folder.
  package private(set) var files: [(path: String, bytes: [UInt8])] = []
  /// What the archive may be held against.
  package private(set) var truth: Truth

  package init(
    _ incident: SimulatedIncident, access: AccessLogKind, capacity: CapacityLogKind,
    inner: InnerVantage? = nil, packing: Packing = .mixed, level: Int32 = 6
  ) {
    truth = Truth(incident: incident, access: access, capacity: capacity)
    for server in 0..<incident.plan.servers {
      let log = AccessLogWriter.log(of: server, kind: access, incident: incident)
      add(log, as: "access/edge-\(server + 1).log", number: server, packing, level)
    }
    if let inner {
      for server in 0..<incident.plan.servers {
        let log = AccessLogWriter.log(of: server, inner: inner, incident: incident)
        add(log, as: "inner/web-\(server + 1).log", number: server, packing, level)
      }
    }
    addCapacity(incident, capacity)
    if !incident.plan.notes.isEmpty {
      files.append(
        ("notes.txt", Array(incident.plan.notes.map { $0 + "\n" }.joined().utf8)))
    }
    truth.files = files.map(\.path)
  }

  private mutating func add(
    _ log: [UInt8], as name: String, number: Int, _ packing: Packing, _ level: Int32
  ) {
    switch (packing, number % 3) {
    case (.plain, _), (.mixed, 0): files.append((name, log))
    case (.mixed, 2): files.append((name + ".gz", gzip(log, members: 3, level: level)))
    default: files.append((name + ".gz", gzip(log, level: level)))
    }
  }

  private mutating func addCapacity(_ incident: SimulatedIncident, _ kind: CapacityLogKind) {
    guard let name = kind.fileName else { return }
    let bytes =
      switch kind {
      case .awsActivities: ActivityLogWriter(incident: incident).document
      case .awsActivityLines: ActivityLogWriter(incident: incident).lines
      case .clusterAutoscaler: ClusterAutoscalerWriter(incident: incident).bytes
      case .none: [UInt8]()
      }
    files.append(("capacity/" + name, bytes))
  }

  /// Replaces one file by another, or adds it.
  package mutating func replace(_ path: String, with bytes: [UInt8], as newPath: String? = nil) {
    files.removeAll { $0.path == path }
    files.append((newPath ?? path, bytes))
    files.sort { $0.path < $1.path }
    truth.files = files.map(\.path)
  }

  /// Leaves out a file, whichever way it is packed.
  package mutating func remove(_ path: String) {
    files.removeAll { $0.path == path || $0.path == path + ".gz" }
    truth.files = files.map(\.path)
  }

  /// Cuts each plain access log into two files at a line's end, as a rotation does.
  package mutating func splitAccessLogs() {
    let parts = files.flatMap { file -> [(path: String, bytes: [UInt8])] in
      let middle = file.bytes.count / 2
      guard file.path.hasPrefix("access/"), file.path.hasSuffix(".log"),
        let cut = file.bytes[middle...].firstIndex(of: UInt8(ascii: "\n"))
      else { return [file] }
      return [
        (file.path + ".1", Array(file.bytes[...cut])), (file.path, Array(file.bytes[(cut + 1)...])),
      ]
    }
    files = parts
    truth.files = files.map(\.path)
  }

  /// Tells the truth how many lines were spoilt.
  package mutating func planted(brokenLines: Int) { truth.brokenLines = brokenLines }

  /// Writes the logs below `folder`.
  package func writeLogs(to folder: String) throws {
    for file in files {
      try FloodmarkTestSupport.write(file.bytes, to: folder + "/" + file.path)
    }
  }

  /// Writes the logs below `folder/archive` and the truth as `folder/truth.json`.
  package func write(to folder: String) throws {
    try writeLogs(to: folder + "/archive")
    try FloodmarkTestSupport.write(truth.document, to: folder + "/truth.json")
  }
}

/// A file that a test or a simulation could not write.
package struct FileNotWritten: Error {
  package let path: String
}

/// Writes a file and makes the folders on the way to it.
///
/// Nothing waits for the disk, as Foundation's `Data` does with each file: it is read soon and removed, and a table of thousands of archives would wait for minutes.
package func write(_ bytes: [UInt8], to path: String) throws {
  try FileManager.default.createDirectory(
    at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
  // Safe: path and mode are C strings for the call alone, and the handle is closed once, below.
  guard let file = unsafe fopen(path, "wb") else { throw FileNotWritten(path: path) }
  // Safe: the bytes stand still while they are written, and no more than their count is read.
  let written = unsafe bytes.withUnsafeBytes { source in
    guard let start = source.baseAddress else { return 0 }
    return unsafe fwrite(start, 1, source.count, file)
  }
  let isClosed = unsafe fclose(file) == 0
  guard isClosed, written == bytes.count else { throw FileNotWritten(path: path) }
}
