internal import Foundation
internal import ReportWriting
internal import SystemPackage
internal import TicketAttachment

/// A folder that `floodmark report` wrote, read for a ticket.
struct ReportFolder {
  private struct Head: Decodable {
    struct Options: Decodable {
      var redact: Bool?
    }

    struct Window: Decodable {
      var start: String
      var end: String
    }

    struct Incident: Decodable {
      var id: String
    }

    var options: Options
    var window: Window
    var incidents: [Incident]
    var mode: String?

    private enum CodingKeys: String, CodingKey {
      case options, window, incidents
      case mode = "redaction_mode"
    }

    var isRedacted: Bool { options.redact == true && mode == "patterns" }
  }

  let source: TrackerComment.Source
  /// `report.md` first.
  let files: [Parcel.File]
  /// Files that another run wrote, and that are left out.
  let strays: [String]

  /// The files that a report can have, in the order in which a ticket shows them; `charts/*.svg` come last. The index of a batch is none of them: it tells of other tenants.
  private static let names: [(name: String, mediaType: String)] = [
    ("report.md", "text/markdown"), ("report.html", "text/html"),
    ("report.json", "application/json"), ("evidence.md", "text/markdown"),
    ("timeline.md", "text/markdown"), ("incidents.md", "text/markdown"),
    ("timeline.csv", "text/csv"), ("series.csv", "text/csv"),
    ("timeline.jsonl", "application/x-ndjson"), ("evidence.ndjson", "application/x-ndjson"),
    ("metrics.openmetrics", "application/openmetrics-text"),
  ]
  /// Bytes of one file.
  private static let longestFile = 1 << 28
  private static let mostCharts = 64
  /// Seconds between the first and the last file of one run.
  private static let longestRun = 600.0

  /// Reads the folder; refuses what was not masked unless it is asked for.
  init(_ path: String, takesUnredacted: Bool) throws {
    let folder = FilePath(path)
    guard let json = Self.file(folder.appending("report.json")) else {
      if Self.file(folder.appending("index.json")) != nil {
        throw AttachRefusal.batch(folder: folder.string)
      }
      throw RunError.notAReport(
        path: folder.appending("report.json").string, problem: .unreadable)
    }
    do throws(ReportProblem) {
      _ = try WrittenReport(json.bytes)
    } catch {
      throw RunError.notAReport(path: folder.appending("report.json").string, problem: error)
    }
    guard let head = try? JSONDecoder().decode(Head.self, from: Data(json.bytes)) else {
      throw RunError.notAReport(
        path: folder.appending("report.json").string, problem: .otherFields)
    }
    guard head.isRedacted || takesUnredacted else {
      throw AttachRefusal.unredacted(path: folder.appending("report.json").string)
    }
    var strays: [String] = []
    var files: [Parcel.File] = []
    for entry in Self.names + Self.charts(folder) {
      guard let file = Self.file(folder.appending(FilePath(entry.name).components)) else {
        continue
      }
      guard json.written.timeIntervalSince(file.written) <= Self.longestRun else {
        strays.append(entry.name)
        continue
      }
      let place = folder.appending(entry.name).string
      guard takesUnredacted || !Self.saysUnmasked(file.bytes) else {
        throw AttachRefusal.unredacted(path: place)
      }
      let name = entry.name.split(separator: "/").last.map(String.init) ?? entry.name
      files.append(Parcel.File(name: name, mediaType: entry.mediaType, bytes: file.bytes))
    }
    let markdown = try Self.markdown(folder, files, strays, takesUnredacted)
    self.files = files
    self.strays = strays
    source = TrackerComment.Source(
      markdown: markdown, digest: HumanSections.digest(of: json.bytes),
      incidents: head.incidents.map(\.id), window: (head.window.start, head.window.end),
      folder: folder.lexicallyNormalized().lastComponent?.string ?? path,
      files: files.map(\.name))
  }

  /// What the comment's head is taken from.
  private static func markdown(
    _ folder: FilePath, _ files: [Parcel.File], _ strays: [String], _ takesUnredacted: Bool
  ) throws -> String {
    if strays.contains("report.md") {
      throw AttachRefusal.otherRun(path: folder.appending("report.md").string)
    }
    if let report = files.first(where: { $0.name == "report.md" }) {
      return String(decoding: report.bytes, as: UTF8.self)
    }
    guard let summary = file(folder.appending("summary.md")) else {
      throw AttachRefusal.noMarkdown(folder: folder.string)
    }
    guard takesUnredacted || !saysUnmasked(summary.bytes) else {
      throw AttachRefusal.unredacted(path: folder.appending("summary.md").string)
    }
    return String(decoding: summary.bytes, as: UTF8.self)
  }

  private static func charts(_ folder: FilePath) -> [(name: String, mediaType: String)] {
    let found =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.appending("charts").string))
      ?? []
    return found.sorted().filter { name in
      name.hasSuffix(".svg")
        && name.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            || [0x2D, 0x2E, 0x5F].contains($0)
        }
    }.prefix(mostCharts).map { ("charts/" + $0, "image/svg+xml") }
  }

  /// A file and when it was written; nil where there is none, and for a link, which could lead out of the folder.
  private static func file(_ path: FilePath) -> (bytes: [UInt8], written: Date)? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path.string),
      attributes[.type] as? FileAttributeType == .typeRegular,
      let size = (attributes[.size] as? NSNumber)?.intValue, size <= longestFile,
      let written = attributes[.modificationDate] as? Date,
      let contents = FileManager.default.contents(atPath: path.string)
    else { return nil }
    return (Array(contents), written)
  }

  /// Whether the head of a file says that nothing in it was masked, as Markdown and HTML do.
  private static func saysUnmasked(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes.prefix(1 << 16), as: UTF8.self)
    return text.contains("\n**Not masked:**") || text.contains("<strong>Not masked:</strong>")
  }
}
