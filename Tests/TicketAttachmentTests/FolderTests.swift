import FloodmarkTestSupport
import Foundation
import Testing

@testable import TicketAttachment

struct FolderTests {
  static func run(
    _ path: String, parcel: Parcel = Sample.parcel(), replaces: Bool = false
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run("file:" + path, [:], parcel: parcel, replaces: replaces)
  }

  @Test func `a folder gets the comment and the files, once`() async throws {
    let folder = try TemporaryFolder()
    let place = folder.path + "/ticket"
    let comment = place + "/comment-ab12ab12ab12.md"
    #expect(try await Self.run(place) == .posted(address: comment))
    #expect(try folder.read("ticket/ab12ab12ab12/report.md") == Array("file report.md".utf8))
    let text = String(decoding: try folder.read("ticket/comment-ab12ab12ab12.md"), as: UTF8.self)
    #expect(text.contains("report.md=ab12ab12ab12/report.md"))
    #expect(try await Self.run(place) == .alreadyThere(address: comment))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place).count == 2)
  }

  @Test func `another report of the same incident stands beside it or takes its place`()
    async throws
  {
    let folder = try TemporaryFolder()
    _ = try await Self.run(folder.path)
    var other = Sample.parcel()
    other.digest = Sample.otherDigest
    other.comment = { _, _ in "\(Sample.subject)\n\(Sample.marker(Sample.otherDigest))\n" }
    let comment = folder.path + "/comment-cd34cd34cd34.md"
    #expect(try await Self.run(folder.path, parcel: other) == .posted(address: comment))
    try FileManager.default.removeItem(atPath: comment)
    #expect(
      try await Self.run(folder.path, parcel: other, replaces: true)
        == .replaced(address: comment))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.filter { $0.hasPrefix("comment-") } == ["comment-cd34cd34cd34.md"])
  }

  @Test func `a folder that can't be made is named`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "file")
    let failure = try await Sample.failure("file:\(folder.path)/file/below", [:])
    guard case .file(let path, let reason) = failure.problem else {
      Issue.record("\(failure)")
      return
    }
    #expect(path == folder.path + "/file/below")
    #expect(!reason.isEmpty)
  }
}
