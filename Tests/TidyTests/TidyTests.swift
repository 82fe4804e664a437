import Foundation
import Testing

/// The style that no formatter checks, as tests: each names every offending place.
struct TidyTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  struct SourceFile {
    var path: String
    var lines: [Substring]
  }

  static func swiftFiles(below folders: [String]) -> [SourceFile] {
    folders.flatMap { folder in
      let base = root.appending(path: folder)
      let found = FileManager.default.enumerator(atPath: base.path) ?? .init()
      return found.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
        .compactMap { name in
          let text = try? String(contentsOf: base.appending(path: name), encoding: .utf8)
          return text.map {
            SourceFile(
              path: "\(folder)/\(name)",
              lines: $0.split(separator: "\n", omittingEmptySubsequences: false))
          }
        }
    }
  }

  static func indent(of line: Substring) -> Int { line.prefix(while: { $0 == " " }).count }

  // A regex holds no state between matches; only its type is not marked so.
  nonisolated(unsafe) static let opening =
    #/
      ^ (@\S+\s)*
      ((package|private|fileprivate|static|mutating|consuming|borrowing|public|internal|override
        |final|nonisolated|convenience) (\(\w+\))? \s)*
      (func\s|init[?(<]|deinit\s)
    /#

  /// Functions and initialisers with their first line and their length, found by the layout that the format check enforces.
  static func functions(in file: SourceFile) -> [(line: Int, length: Int)] {
    var found: [(Int, Int)] = []
    for (index, line) in file.lines.enumerated() {
      let words = line.trimmingPrefix(while: { $0 == " " })
      guard unsafe words.firstMatch(of: opening) != nil else { continue }
      let depth = indent(of: line)
      let end = file.lines[index...].dropFirst().firstIndex { later in
        indent(of: later) == depth && later.dropFirst(depth).hasPrefix("}")
      }
      if let end, !line.hasSuffix("}") { found.append((index + 1, end - index + 1)) }
    }
    return found
  }

  @Test func `no function is longer than seventy lines`() {
    let long = Self.swiftFiles(below: ["Sources", "Tests", "Benchmarks"]).flatMap { file in
      Self.functions(in: file).filter { $0.length > 70 }
        .map { "\(file.path):\($0.line) has \($0.length) lines" }
    }
    #expect(long.isEmpty, "\(long.joined(separator: "\n"))")
  }

  @Test func `no file is longer than five hundred lines`() {
    let long = Self.swiftFiles(below: ["Sources", "Tests", "Benchmarks"])
      .filter { $0.lines.count > 501 }.map { "\($0.path) has \($0.lines.count) lines" }
    #expect(long.isEmpty, "\(long.joined(separator: "\n"))")
  }

  @Test func `nothing is left for later`() {
    let marks = /\b(TODO|FIXME|XXX|HACK)\b|fatalError\("(not|un)/
    let left = Self.swiftFiles(below: ["Sources", "Benchmarks"]).flatMap { file in
      file.lines.enumerated().filter { $0.element.contains(marks) }
        .map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(left.isEmpty, "\(left.joined(separator: "\n"))")
  }

  @Test func `no source names a folder of some machine`() {
    let folder = /"\/(opt|home|root|Users|work)\//
    let found = Self.swiftFiles(below: ["Sources", "Benchmarks"]).flatMap { file in
      file.lines.enumerated().filter { $0.element.contains(folder) }
        .map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  /// Members that fulfil a protocol and small nested values whose name and parent say it all need no sentence of their own.
  @Test func `every declaration that other modules see is explained`() {
    let declaration =
      /^ *package (static |mutating |consuming |borrowing |indirect |final |nonisolated )*(struct|enum|class|actor|protocol|func)\b/
    let selfEvident =
      #/
        func\s(<|==|hash|encode|next|parse|finish|isUnmistakable|reject|pass|add\(_\sevent|add\($|append(Literal|Interpolation))
        | struct\sStringInterpolation | (enum|struct)\s\w+:\s(String|UInt8|Hashable)
      /#
    let bare = Self.swiftFiles(below: ["Sources"]).flatMap { file in
      file.lines.indices.filter { index in
        guard file.lines[index].firstMatch(of: declaration) != nil else { return false }
        guard file.lines[index].firstMatch(of: selfEvident) == nil else { return false }
        var above = index - 1
        while above >= 0, file.lines[above].trimmingPrefix(while: { $0 == " " }).hasPrefix("@") {
          above -= 1
        }
        return above < 0
          || !file.lines[above].trimmingPrefix(while: { $0 == " " }).hasPrefix("///")
      }.map { "\(file.path):\($0 + 1): \(file.lines[$0])" }
    }
    #expect(bare.isEmpty, "\(bare.joined(separator: "\n"))")
  }

  @Test func `foundation stays out of the core`() {
    let core = ["IncidentModel", "LogFormats", "TrafficTally", "Correlation"]
    let found = Self.swiftFiles(below: core.map { "Sources/\($0)" }).filter { file in
      file.lines.contains { $0.firstMatch(of: /^\w* ?import Foundation/) != nil }
    }.map(\.path)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  @Test func `every test file can fail`() {
    let idle = Self.swiftFiles(below: ["Tests"]).filter { file in
      file.lines.contains { $0.contains("@Test") }
        && !file.lines.contains { $0.contains(/#expect|#require|\bexpect[A-Z]|Issue\.record/) }
    }.map(\.path)
    #expect(idle.isEmpty, "\(idle.joined(separator: "\n"))")
  }
}
