internal import Foundation
internal import ReportWriting
internal import SystemPackage

/// What a batch remembers between runs: which archive has a report, of which bytes, made with which options.
struct BatchMemory: Sendable {
  private static let noteName = ".floodmark-batch"
  private static let unfinishedName = ".floodmark-unfinished"

  private let output: OutputFolder
  /// Options and version as text.
  private let setting: String

  init(output: OutputFolder, template: ReportRun.Options) {
    self.output = output
    let reading = template.reading
    let named =
      reading.baselines + template.addressLists
      + [template.keyFile, reading.configurationFile]
      .compactMap(\.self)
    setting =
      ([
        template.version, "\(template.formats)", "\(template.analysis)", "\(template.patterns)",
        "\(template.isRedacted) \(template.anonymity) \(template.networkBits) \(template.keepsPrivate)",
        "\(template.isASCII) \(template.drawsMermaid) \(template.hasHumanSections)",
        template.zone.map { "\($0)" } ?? "", "\(reading.inputZone)", "\(reading.forcedFormats)",
        "\(reading.clockOffsets)", "\(reading.serviceRule)",
        reading.maximumExpansion.map(String.init) ?? "",
      ] + named.flatMap { [$0, Self.state(of: $0)] }).joined(separator: "\n")
  }

  /// Whether a run with these options was stopped before its end.
  var isUnfinished: Bool {
    output.existing(Self.unfinishedName) == Array(digest(of: "").utf8)
  }

  func begin() throws {
    try output.write([(name: Self.unfinishedName, bytes: Array(digest(of: "").utf8))])
  }

  func end() {
    try? FileManager.default.removeItem(atPath: output.path.appending(Self.unfinishedName).string)
  }

  /// Names, sizes and times of all files below a folder, and the options, in one digest. No file is opened.
  func fingerprint(of folder: String) -> String { digest(of: Self.state(of: folder)) }

  /// Names, sizes and times of a file, or of all files below a folder.
  private static func state(of folder: String) -> String {
    let keys: [URLResourceKey] = [.fileSizeKey, .contentModificationDateKey, .isDirectoryKey]
    let walk = FileManager.default.enumerator(
      at: URL(filePath: folder), includingPropertiesForKeys: keys)
    var lines = [line(of: URL(filePath: folder), keys)]
    while let file = walk?.nextObject() as? URL {
      lines.append(line(of: file, keys))
    }
    return lines.sorted().joined(separator: "\n")
  }

  private static func line(of file: URL, _ keys: [URLResourceKey]) -> String {
    let values = try? file.resourceValues(forKeys: Set(keys))
    // A folder's own time changes with what is put beside its files, such as an output.
    let time =
      values?.isDirectory == true ? 0 : values?.contentModificationDate?.timeIntervalSince1970 ?? 0
    return "\(file.path)\t\(values?.fileSize ?? -1)\t\(time)"
  }

  /// The folders of the output that a batch wrote; a link may lead into another's.
  func names() -> Set<String> {
    let files = FileManager.default
    let found = (try? files.contentsOfDirectory(atPath: output.path.string)) ?? []
    return Set(
      found.filter { name in
        let place = output.path.appending(name).string
        let kind = try? files.attributesOfItem(atPath: place)[.type] as? FileAttributeType
        return kind == .typeDirectory && output.existing(name + "/" + Self.noteName) != nil
          && output.existing(name + "/report.json") != nil
      })
  }

  /// How many losses the report had that stands for an archive with this fingerprint; nil: there is none.
  func losses(of name: String, print: String) -> Int? {
    guard output.existing(name + "/report.json") != nil,
      let note = output.existing(name + "/" + Self.noteName)
    else { return nil }
    let parts = String(decoding: note, as: UTF8.self).split(separator: " ")
    return parts.count == 2 && parts[0] == print ? Int(parts[1]) : nil
  }

  /// Remembers an archive as done. What can't be written is only done again.
  func note(_ name: String, print: String, losses: Int) {
    try? output.write([(name: name + "/" + Self.noteName, bytes: Array("\(print) \(losses)".utf8))])
  }

  private func digest(of text: String) -> String {
    HumanSections.digest(of: Array((setting + "\n" + text).utf8))
  }
}
