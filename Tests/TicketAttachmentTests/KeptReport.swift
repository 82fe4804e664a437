import FloodmarkTestSupport
import Foundation

/// The kept report of the shipped incident, as a run leaves it.
///
/// Version control writes files in any order, and what is older than `report.json` is left out as another run's.
enum KeptReport {
  static let source = Fixture.packageRoot + "/Reports/prime-day-2018"

  /// Copies the report into a folder.
  static func copied(to place: borrowing TemporaryFolder) throws {
    for name in ["report.json", "report.md", "charts/capacity.svg", "charts/excess.svg"] {
      try place.write(
        [UInt8](try Data(contentsOf: URL(filePath: source + "/" + name))), to: name)
    }
  }
}
