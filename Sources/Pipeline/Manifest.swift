internal import ArchiveInput
internal import IncidentModel
internal import LogFormats

/// The inputs of a run in the order of their names: the files to read, and what is left out of them and why.
struct Manifest: Sendable {
  /// A file to read, with the numbers of the texts in it.
  struct File: Sendable {
    var input: FoundInput
    /// The inputs' places in the report's list, as far as they are known; of standard input none is.
    var numbers: [InputName: Int] = [:]
    /// Members that were counted elsewhere.
    var copies: Set<InputName> = []
    /// Another file is the same, byte for byte, so this one must be among the rows.
    var isOriginal = false
    /// Which one it is of those whose members only show while they are read; nil: they are known.
    var stream: Int?
  }

  private(set) var files: [File] = []
  private(set) var skipped: [(index: Int, summary: InputSummary)] = []
  /// Numbers from here on are free for what only shows while it is read.
  private(set) var firstFree = 0
  /// How many files have a ``File/stream``.
  private(set) var streamCount = 0
  /// How the members that are known begin, where there are streams that may repeat them.
  private(set) var sketches: [ContentSketch] = []
  /// The columns that W3C extended logs among them name.
  private(set) var columns = ColumnSeries()

  /// Looks into the files, numbers what they hold, and drops what another one holds too.
  ///
  /// With `skippingStreams` it does so only where that is quick; what is in the other files must be watched while it is read.
  init(
    found: (inputs: [FoundInput], problems: [(InputName, InputProblem)]), limits: InputLimits,
    threads: Int, skippingStreams: Bool
  ) async {
    let same = await Self.sameFiles(found.inputs, threads: threads)
    let inputs = found.inputs.filter { same[$0.name] == nil }
    var surveys: [FileSurvey] = []
    await forEach(inputs, atOnce: threads) { input in
      await FileSurvey(input, limits: limits, skippingStreams: skippingStreams)
    } collect: {
      surveys.append($0)
    }
    surveys.sort { $0.input.name < $1.input.name }
    let copies = await CopySearch.copies(among: surveys, limits: limits, threads: threads)
    var names = Set(found.problems.map(\.0))
    names.formUnion(same.keys)
    for survey in surveys {
      names.insert(survey.input.name)
      names.formUnion(survey.members.map(\.name))
      names.formUnion(survey.noteNames)
    }
    let all = names.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    firstFree = all.count
    columns = ColumnSeries(surveys)
    let originals = Set(same.values)
    for survey in surveys {
      add(survey, numbers, copies, isOriginal: originals.contains(survey.input.name))
    }
    // Without streams nobody asks for them.
    if streamCount > 0 { sketches = surveys.flatMap(\.members).map(\.sketch) }
    for input in found.inputs {
      guard let original = same[input.name] else { continue }
      skip(input, as: input.name, numbers, CopySearch.Copy(original: original))
    }
    let readNames = Set(found.inputs.map(\.name))
    for (name, problems) in Dictionary(grouping: found.problems, by: \.0)
    where !readNames.contains(name) {
      guard let place = numbers[name] else { continue }
      var summary = InputSummary(name: name)
      summary.problems = problems.map(\.1)
      skipped.append((place, summary))
    }
  }

  private mutating func add(
    _ survey: FileSurvey, _ numbers: [InputName: Int], _ copies: [InputName: CopySearch.Copy],
    isOriginal: Bool
  ) {
    var file = File(input: survey.input, isOriginal: isOriginal)
    if survey.isStream {
      file.stream = streamCount
      streamCount += 1
    }
    // Members of standard input only show while it is read, and its own name is taken then too.
    if !survey.input.isStandardInput {
      file.numbers[survey.input.name] = numbers[survey.input.name]
    }
    for name in survey.members.map(\.name) + survey.noteNames {
      guard let number = numbers[name] else { continue }
      file.numbers[name] = number
      guard let copy = copies[name] else { continue }
      file.copies.insert(name)
      skip(survey.input, as: name, numbers, copy)
    }
    // Where nothing is left to read, the file is not opened again; an archive still has its own problems to tell.
    if survey.isArchive || file.copies.isEmpty { files.append(file) }
  }

  private mutating func skip(
    _ input: FoundInput, as name: InputName, _ numbers: [InputName: Int], _ copy: CopySearch.Copy
  ) {
    guard let number = numbers[name] else { return }
    var summary = InputSummary(name: name)
    summary.bytes = input.size
    summary.duplicateOf = numbers[copy.original]
    summary.problems = [Self.problem(copy)]
    skipped.append((number, summary))
  }

  /// Files that are the same as an earlier one byte for byte, with that one's name: they need not be opened as what they are.
  private static func sameFiles(
    _ inputs: [FoundInput], threads: Int
  ) async -> [InputName: InputName] {
    let sized = inputs.filter { !$0.isStandardInput && $0.size > 0 }
    let twins = Dictionary(grouping: sized, by: \.size).values.filter { $0.count > 1 }
    var hashed: [(name: InputName, hash: String)] = []
    await forEach(twins.flatMap { $0 }, atOnce: threads) { input in
      (input.name, await diskHash(of: input))
    } collect: { name, hash in
      if let hash { hashed.append((name, hash)) }
    }
    var firsts: [String: InputName] = [:]
    var same: [InputName: InputName] = [:]
    for (name, hash) in hashed.sorted(by: { $0.name < $1.name }) {
      if let first = firsts[hash] { same[name] = first } else { firsts[hash] = name }
    }
    return same
  }

  private static func problem(_ copy: CopySearch.Copy) -> InputProblem {
    let name = copy.original.member.map { "\(copy.original.file)!\($0)" } ?? copy.original.file
    let original = LogText(name, kind: .file)
    if let bytes = copy.beginning {
      return InputProblem(
        kind: .duplicate,
        detail:
          "its \(count: bytes) bytes are the beginning of \(log: original) and were not counted again"
      )
    }
    return InputProblem(
      kind: .duplicate,
      detail: "it has the same content as \(log: original) and was not counted again")
  }
}

extension InputSummary {
  /// What the readers of a member know of it; the tally adds the counts.
  init(_ end: ReaderEnd, _ member: MemberEnd) {
    self.init(member)
    kind = end.format == nil ? .skipped : end.kind
    format = end.format
    lines = end.documentLines ?? 0
    stamp = end.stampMeaning
    problems = member.problems + end.problems
  }

  /// What is to be told of an input without lines.
  init(_ member: MemberEnd) {
    self.init(name: member.name)
    container = member.container
    bytes = member.bytesOnDisk
    decompressedBytes = member.decompressedBytes
    sha256 = member.sha256
    truncatedAt = member.truncatedAt
    problems = member.problems
  }
}
