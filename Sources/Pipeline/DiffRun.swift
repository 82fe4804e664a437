internal import Foundation
package import ReportWriting

/// `floodmark diff`: reads two reports back and holds one against the other.
package struct DiffRun: Sendable {
  private let first: String
  private let second: String

  /// Paths of two `report.json`.
  package init(_ first: String, _ second: String) {
    self.first = first
    self.second = second
  }

  /// Throws ``RunError`` where one of them is no report.
  package func run() throws -> ReportDiff {
    ReportDiff(try Self.read(first), try Self.read(second))
  }

  private static func read(_ path: String) throws(RunError) -> ReadReport {
    do {
      return try ReadReport(try WrittenReport.contents(path: path), name: path)
    } catch let problem as ReportProblem {
      throw .notAReport(path: path, problem: problem)
    } catch ReadReport.Refusal.otherSchema {
      throw .notAReport(path: path, problem: .otherSchema)
    } catch {
      throw .notAReport(path: path, problem: .otherFields)
    }
  }
}
