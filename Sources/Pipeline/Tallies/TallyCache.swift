internal import ArchiveInput
internal import Crypto
internal import Foundation
internal import IncidentModel
internal import SystemPackage
internal import TrafficTally

/// Tallies of single files that earlier runs left in a folder (`--cache`).
///
/// A file's tally stands under a hash of its bytes, its name and all settings that shape a tally. Sizes and times are not trusted: each file is read for its hash, which takes a small part of what inflating and parsing take.
/// Whatever is wrong with the folder costs time only: a tally that is missing, damaged or of another version is made anew.
struct TallyCache: Sendable {
  private let folder: FilePath

  /// Makes the folder, for its owner only, where it does not exist.
  init(_ path: String) throws(OutputError) {
    folder = FilePath(path)
    var isFolder: ObjCBool = false
    // The flag is written during the call only.
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder.boolValue else { throw .notAFolder(path: path) }
      return
    }
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .cannotWrite(path: path, reason: OutputFolder.reason(of: error))
    }
  }

  /// Where the tally of a file stands, now or later.
  func path(of input: FoundInput, hash: String, _ settings: TallySettings) -> FilePath {
    var digest = SHA256()
    // Lengths in front, so that no two lists read the same.
    for text in [hash, input.name.file] + settings.list.flatMap({ [$0.name, $0.value] }) {
      digest.update(data: Array("\(text.utf8.count) \(text)".utf8))
    }
    let name = digest.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return folder.appending(name + ".tally")
  }

  /// The tally at a path, if its head can be read and is of these settings.
  func tally(at path: FilePath, _ settings: TallySettings) -> TallyFile? {
    guard let file = try? TallyFile(path), file.settings == settings else { return nil }
    return file
  }

  /// Whether a path is one of this folder's.
  func holds(_ path: String) -> Bool { FilePath(path).removingLastComponent() == folder }
}

extension Reading {
  /// What is read of the cache: the tallies of files without a baseline, those that were missing made first.
  struct Cached {
    var tallies: [TallyFile] = []
    /// Inputs that are read as ever.
    var rest: [FoundInput] = []
  }

  /// Looks each file up, and tallies those that are not there, one after the other.
  ///
  /// A tally of one file knows nothing of its neighbours, so files that lend each other columns are read together.
  func cached(
    _ inputs: [FoundInput], _ earlier: BaselineInputs, in cache: TallyCache
  ) async -> Cached {
    let settings = TallySettings(options)
    var cached = Cached()
    var columns = ColumnSeries()
    var surveys: [FileSurvey] = []
    for input in inputs {
      let survey = await FileSurvey(input, limits: options.limits, skippingStreams: true)
      columns.add(survey)
      surveys.append(survey)
    }
    for (input, survey) in zip(inputs, surveys) {
      guard !input.isStandardInput, !earlier.holds(input), !columns.joins(survey),
        let hash = await diskHash(of: input)
      else {
        cached.rest.append(input)
        continue
      }
      let path = cache.path(of: input, hash: hash, settings)
      if let known = cache.tally(at: path, settings) {
        meter.add(bytes: input.size)
        cached.tallies.append(known)
      } else if let made = await tallied(input, hash: hash, at: path, settings) {
        cached.tallies.append(made)
      } else {
        cached.rest.append(input)
      }
    }
    return cached
  }

  /// Reads one file and leaves its tally in the cache; nil where that does not go, and the file is read as if there were no cache.
  private func tallied(
    _ input: FoundInput, hash: String, at path: FilePath, _ settings: TallySettings
  ) async -> TallyFile? {
    let found = FoundPaths(inputs: [input], problems: [])
    guard let tally = try? await pass(found, [], BaselineInputs()).use({ $0 }) else { return nil }
    // A file that changed after it was hashed would stand under the wrong name.
    let hashes = tally.summaries().compactMap(\.sha256)
    guard !hashes.isEmpty, hashes.allSatisfy({ $0 == hash }), !Task.isCancelled,
      (try? TallyFile.write(tally, settings: settings, to: path)) != nil
    else { return nil }
    return try? TallyFile(path)
  }
}
