internal import FoundationEssentials

/// Where the repository's files are, found from this source file.
package enum Fixture {
  /// The package's root, without a slash at its end.
  package static var packageRoot: String {
    // …/Tests/FloodmarkTestSupport/Running/Fixture.swift
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(min(4, parts.count))
    return parts.joined(separator: "/")
  }

  package static func path(_ below: String) -> String { packageRoot + "/Fixtures/" + below }

  /// The folder of the shipped incident that is given to the tool.
  package static var primeDay: String { path("incidents/prime-day-2018") }

  package static func bytes(_ below: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path(below))))
  }

  /// A folder beside the package that holds logs of others, where it exists: the sibling `shared/data`.
  package static var sharedLogs: String? {
    let place = URL(filePath: packageRoot + "/../shared/data").standardized.path
    return FileManager.default.fileExists(atPath: place) ? place : nil
  }
}
