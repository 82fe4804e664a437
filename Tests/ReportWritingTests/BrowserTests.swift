internal import FloodmarkTestSupport
internal import FoundationEssentials
import Testing

@testable internal import ReportWriting

/// Where the pages for a browser are written; set by `make browser-test` alone.
private let pageFolder = ProcessInfo.processInfo.environment["FLOODMARK_PAGES"]

@Suite(.enabled(if: pageFolder != nil)) struct BrowserTests {
  @Test(arguments: AnalysisCase.all)
  func `pages and drawings are written for a look`(_ case: AnalysisCase) throws {
    let folder = try #require(pageFolder) + "/" + `case`.name.replacing(" ", with: "-")
    for file in `case`.files {
      try write(Array(file.text.utf8), to: folder + "/" + file.name)
      #expect(FileManager.default.fileExists(atPath: folder + "/" + file.name))
    }
  }
}
