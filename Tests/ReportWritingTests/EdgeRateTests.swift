import IncidentModel
import Testing

@testable internal import ReportWriting

/// Rates in the first and last minutes of a window.
struct EdgeRateTests {
  private static func rates(from start: Int64, to end: Int64) throws -> [Double?] {
    var series = ServiceSeries(
      service: "x", start: Instant(seconds: 1_530_000_000), bucketSeconds: 60)
    series.requests = [3, 120, 120, 80]
    var grid = try #require(CellGrid(series, most: 60))
    grid.covered = TimeSpan(
      start: Instant(seconds: 1_530_000_000 + start), end: Instant(seconds: 1_530_000_000 + end))
    return grid.highestRate(series.requests)
  }

  @Test func `a minute that is covered by half or more tells its rate, another tells none`() throws
  {
    #expect(try Self.rates(from: 58, to: 220) == [nil, 2, 2, 2])
    #expect(try Self.rates(from: 31, to: 209) == [nil, 2, 2, nil])
    #expect(try Self.rates(from: 0, to: 240) == [0.05, 2, 2, 80.0 / 60])
  }
}
