internal import Foundation

/// What a command did.
package struct CommandRun: Sendable {
  package var exitCode: Int32
  package var output: [UInt8]
  package var errors: [UInt8]

  /// Standard output as text.
  package var outputText: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text.
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Why a command could not be run at all.
package struct CommandMissing: Error, CustomStringConvertible {
  package let name: String
  package var description: String { "\(name) is not built beside the tests" }
}

/// The path of an executable of this package: in the folder that `FLOODMARK_BUILD` names, beside the test bundle, else in the package's debug build.
package func builtCommand(_ name: String = "floodmark") throws -> String {
  var folders = [CommandLine.arguments[0], "/proc/self/exe"].map {
    URL(filePath: $0).resolvingSymlinksInPath().deletingLastPathComponent().path
  }
  folders.append(Fixture.packageRoot + "/.build/debug")
  if let named = ProcessInfo.processInfo.environment["FLOODMARK_BUILD"] {
    folders.insert(named, at: 0)
  }
  for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/" + name) {
    return folder + "/" + name
  }
  throw CommandMissing(name: name)
}

/// Runs the built `floodmark` and waits for its end.
package func runBinary(
  _ arguments: String..., input: [UInt8] = [], folder: String? = nil,
  environment: [String: String] = [:]
) throws -> CommandRun {
  try run(
    builtCommand(), arguments, input: input, folder: folder, environment: environment)
}

/// Runs any executable and waits for its end; both streams go through files, so neither can block.
package func run(
  _ executable: String, _ arguments: [String], input: [UInt8] = [], folder: String? = nil,
  environment: [String: String] = [:]
) throws -> CommandRun {
  let place = try TemporaryFolder()
  let files = ["in", "out", "err"].map { URL(filePath: place.path + "/" + $0) }
  try Data(input).write(to: files[0])
  for file in files.dropFirst() { try Data().write(to: file) }
  let process = Process()
  process.executableURL = URL(filePath: executable)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment
    .merging(environment) { _, new in new }
  if let folder { process.currentDirectoryURL = URL(filePath: folder) }
  let handles = [
    try FileHandle(forReadingFrom: files[0]), try FileHandle(forWritingTo: files[1]),
    try FileHandle(forWritingTo: files[2]),
  ]
  process.standardInput = handles[0]
  process.standardOutput = handles[1]
  process.standardError = handles[2]
  try process.run()
  process.waitUntilExit()
  for handle in handles { try handle.close() }
  return CommandRun(
    exitCode: process.terminationStatus, output: try [UInt8](Data(contentsOf: files[1])),
    errors: try [UInt8](Data(contentsOf: files[2])))
}

/// Counts the lines of a plain or gzip file that match an extended regular expression, by `zcat` and `grep`: a count that shares no code with the project.
package func countLines(of path: String, matching pattern: String = "") throws -> Int {
  let counted = try run(
    "/bin/sh", ["-c", "zcat -f -- \"$1\" | LC_ALL=C grep -aEc -e \"$2\"", "count", path, pattern])
  let digits = counted.outputText.filter(\.isNumber)
  return Int(digits) ?? -1
}
