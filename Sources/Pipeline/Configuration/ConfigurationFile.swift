internal import Foundation
internal import IncidentModel
internal import SystemPackage
internal import Yams

/// Reads configuration files: YAML of at most 1 MiB with the keys of ``Configuration``, and nothing else.
package enum ConfigurationFile {
  static let mostBytes = 1 << 20

  /// The settings in a file that the user named; relative paths in it start from its folder.
  package static func read(_ path: String) throws(RunError) -> Configuration {
    try read(path, isOwn: false)
  }

  /// The settings that the only folder among the PATHs brings itself; nil where it brings none.
  static func own(of paths: [String]) throws(RunError) -> Configuration? {
    guard let path = ownPath(of: paths) else { return nil }
    return try read(path, isOwn: true)
  }

  /// Where a folder, given as the only PATH, has its own file.
  static func ownPath(of paths: [String]) -> String? {
    guard paths.count == 1, let folder = paths.first else { return nil }
    let path = folder + "/" + ReadingOptions.ownFileName
    guard (try? FileManager.default.attributesOfItem(atPath: path)) != nil else { return nil }
    return path
  }

  /// The path without links.
  static func realPath(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().path
  }

  private static func read(_ path: String, isOwn: Bool) throws(RunError) -> Configuration {
    func failed(_ problem: ConfigurationProblem) -> RunError {
      .unusableConfiguration(path: path, line: nil, problem: problem)
    }
    if isOwn {
      let kind =
        try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      guard kind == .typeRegular else { throw failed(.notRegular) }
    }
    let bytes: [UInt8]
    do {
      bytes = try content(of: FilePath(path), options: isOwn ? [.noFollow, .nonBlocking] : [])
    } catch {
      throw failed(.unreadable(OutputFolder.reason(of: error)))
    }
    guard bytes.count <= mostBytes else { throw failed(.tooLarge(mostBytes: mostBytes)) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failed(.notUTF8) }
    return try parse(text, path: path, isOwn: isOwn)
  }

  /// The bytes of a file, one more than the limit at most.
  private static func content(
    of path: FilePath, options: FileDescriptor.OpenOptions
  ) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly, options: options)
    return try file.closeAfter {
      let handle = FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: false)
      var bytes: [UInt8] = []
      while bytes.count <= mostBytes,
        let part = try handle.read(upToCount: mostBytes + 1 - bytes.count), !part.isEmpty
      {
        bytes += part
      }
      return bytes
    }
  }

  /// The settings in a text; `path` is where it stands, `isOwn` that it came with an archive and is not trusted.
  static func parse(
    _ text: String, path: String, isOwn: Bool
  ) throws(RunError) -> Configuration {
    if let name = aliased(text) {
      throw .unusableConfiguration(
        path: path, line: line(of: name, in: text), problem: .alias(name))
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text, .default, .default, .utf8)
    } catch {
      let (line, words) = told(error)
      throw .unusableConfiguration(path: path, line: line, problem: words)
    }
    return try ConfigurationReader(path: path, isOwn: isOwn).settings(root)
  }

  /// A name that is both anchored (`&name`) and used (`*name`).
  ///
  /// It is looked for before the YAML reader runs, which would have to multiply what it means.
  private static func aliased(_ text: String) -> String? {
    let anchors = Set(text.matches(of: /&([A-Za-z0-9_\-]+)/).map { $0.1 })
    guard !anchors.isEmpty else { return nil }
    return text.matches(of: /\*([A-Za-z0-9_\-]+)/).first { anchors.contains($0.1) }
      .map { String($0.1) }
  }

  private static func line(of name: String, in text: String) -> Int? {
    guard let place = text.firstRange(of: "*" + name) else { return nil }
    return text.utf8[..<place.lowerBound].reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
  }

  /// Where the YAML reader stopped, and why.
  private static func told(_ error: any Error) -> (Int?, ConfigurationProblem) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
      .composer(_, let problem, let mark, _)?:
      (mark.line, .badYAML(problem))
    case .duplicatedKeysInMapping(let keys, let context)?:
      (context.mark.line, .repeatedKey(keys.first ?? ""))
    case .reader(let problem, _, _, _)?: (nil, .badYAML(problem))
    default: (nil, .badYAML("it can't be read as YAML"))
    }
  }
}
