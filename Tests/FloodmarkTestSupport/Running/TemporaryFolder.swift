internal import FoundationEssentials

/// A folder that goes away with its owner.
package struct TemporaryFolder: ~Copyable {
  package let path: String

  package init() throws {
    let place = FileManager.default.temporaryDirectory
      .appending(path: "floodmark-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    path = place.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file below the folder and tells its path.
  @discardableResult
  package borrowing func write(_ bytes: [UInt8], to name: String) throws -> String {
    try FloodmarkTestSupport.write(bytes, to: path + "/" + name)
    return path + "/" + name
  }

  @discardableResult
  package borrowing func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  package borrowing func read(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path + "/" + name)))
  }
}
