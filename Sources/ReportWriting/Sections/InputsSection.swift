internal import IncidentModel

extension ReportSections {
  private static let mostInputs = 60

  /// REPORT §2.12: what was read, what was rejected, what was masked, with which options.
  func inputs(into page: inout Page) {
    page.heading(2, "Inputs")
    if context.analysis.inputs.isEmpty { page.paragraph("No input was read.") }
    inputTable(into: &page)
    if let stamps { page.paragraph(stamps) }
    problems(into: &page)
    rejects(into: &page)
    addressLists(into: &page)
    page.paragraph(masked)
    let given = context.analysis.options.given
    let options: Phrase =
      given.isEmpty
      ? "Made with the default options."
      : "Made with the options \(context.door.admit(LogText(given.joined(separator: " "), kind: .file), limit: .evidence))."
    page.paragraph("\(options) Same inputs, options and version give the same bytes.")
  }

  private func inputTable(into page: inout Page) {
    let inputs = context.analysis.inputs
    var table = Page.Table(
      [
        "File", "Kind", "Format", "Lines", "Records", "Rejected", "First (UTC)", "Last (UTC)",
        "SHA-256",
      ], right: [3, 4, 5])
    for (index, input) in inputs.prefix(Self.mostInputs).enumerated() {
      var kind = CauseWords.input(input.kind)
      if input.isBaseline { kind = "\(kind), baseline" }
      if let other = input.duplicateOf { kind = "\(kind), same as \(context.place(other))" }
      table.add([
        "\(context.place(index))", kind, input.format.map { "\(vocabulary($0))" } ?? "–",
        "\(Figure.count(input.lines))", "\(Figure.count(input.records))",
        "\(Figure.count(input.rejected))",
        time(input.first, of: input), time(input.last, of: input),
        input.sha256.map { "\(vocabulary(String($0.prefix(8)) + "…"))" } ?? "–",
      ])
    }
    let access = inputs.filter {
      $0.kind == .access && $0.duplicateOf == nil && !$0.isBaseline
    }
    if !access.isEmpty {
      func sum(_ path: KeyPath<InputSummary, Int>) -> Phrase {
        "\(strong: "\(Figure.count(access.reduce(0) { $0 + $1[keyPath: path] }))")"
      }
      table.add([
        "\(strong: "Access logs together")", "", "", sum(\.lines), sum(\.records),
        sum(\.rejected), "", "", "",
      ])
    }
    page.table(table)
    if inputs.count > Self.mostInputs {
      page.paragraph(
        "\(Figure.count(inputs.count - Self.mostInputs)) more rows: \(code: "report.json").")
    }
    let outside = access.reduce(0) { $0 + $1.outsideWindow }
    if outside > 0 {
      page.paragraph(
        "\(Figure.count(outside)) of these records lie outside the window and are not counted above."
      )
    }
  }

  /// How a request's time follows from its line, for those who count by hand.
  private var stamps: Phrase? {
    let access = context.analysis.inputs.filter {
      $0.kind == .access && $0.duplicateOf == nil && !$0.isBaseline && $0.stamp != nil
    }
    let late = access.filter { $0.stamp == .completion }
    guard !late.isEmpty else { return nil }
    let subject: Phrase =
      late.count == access.count
      ? "These access logs stamp" : "\(Figure.count(late.count)) of these access logs stamp"
    return
      "\(subject) a request when it is answered. Here it stands at the time at which it came: its stamp less the time that it took, where the line tells that."
  }

  /// Notes carry minutes only, and are not given made-up seconds.
  private func time(_ moment: Instant?, of input: InputSummary) -> Phrase {
    guard let moment else { return "–" }
    let isMinute = input.kind == .notes && moment == moment.bucketStart(width: 60)
    return "\(context.time(moment, precisionSeconds: isMinute ? 60 : 1))"
  }

  /// A format's name or a digest: short words that still pass the door, since a configuration may name formats.
  private func vocabulary(_ word: String) -> Quoted {
    context.door.admit(LogText(word, kind: .file), limit: .table)
  }

  private func problems(into page: inout Page) {
    var items: [Phrase] = []
    var more = 0
    for (index, input) in context.analysis.inputs.enumerated() {
      for problem in input.problems {
        guard items.count < 20 else {
          more += 1
          continue
        }
        items.append(
          "\(context.place(index, line: problem.line)): \(context.phrase(problem.detail)).")
      }
    }
    guard !items.isEmpty else { return }
    if more > 0 { items.append("\(Figure.count(more)) more: \(code: "report.json").") }
    page.paragraph("What was wrong with inputs:")
    page.bullets(items)
  }

  private func rejects(into page: inout Page) {
    let rejects = context.analysis.coverage.rejected
    guard !rejects.isEmpty else { return }
    var parts: [Phrase] = rejects.prefix(10).map { reject in
      let place = context.place(reject.first.input, line: reject.first.line)
      return
        "\(Figure.count(reject.count)) × \(Phrase(stringLiteral: reject.reason)) (first \(place))"
    }
    if rejects.count > 10 {
      parts.append("\(Figure.count(rejects.count - 10)) more reasons in \(code: "report.json")")
    }
    page.paragraph("Rejected: \(Phrase.joined(parts, by: ", ")).")
  }

  private func addressLists(into page: inout Page) {
    let lists = context.analysis.options.addressLists
    guard !lists.isEmpty else { return }
    var table = Page.Table(
      ["List of networks", "Networks", "Labels", "Rejected", "SHA-256"], right: [1, 2, 3])
    for list in lists {
      table.add([
        "\(context.door.admit(LogText(list.name, kind: .file), limit: .path))",
        "\(Figure.count(list.prefixes.count))", "\(Figure.count(list.labels.count))",
        "\(Figure.count(list.rejected))",
        "\(vocabulary(String(list.sha256.prefix(8)) + "…"))",
      ])
    }
    page.table(table)
    for list in lists {
      guard let database = list.database else { continue }
      page.paragraph(
        "\(context.door.admit(LogText(list.name, kind: .file), limit: .path)) is a database of the type \(context.door.admit(LogText(database.type, kind: .name), limit: .path)): \(Figure.count(database.addresses)) addresses of the request sample were looked up in it, and it tells the owner of \(Figure.count(database.found))."
      )
    }
  }

  private var masked: Phrase {
    guard context.options.redaction.isOn else {
      return "\(strong: "Not masked:") addresses, names and secrets stand as the logs have them."
    }
    let redactor = context.door.redactor
    let tokens = MaskClass.allCases.filter(\.isToken).reduce(0) { $0 + redactor.count($1) }
    func count(_ number: Int, _ one: StaticString, _ many: StaticString) -> Phrase {
      number == 1 ? "1 \(words: one)" : "\(Figure.count(number)) \(words: many)"
    }
    var parts: [Phrase] = [
      count(
        redactor.count(.client), "address of a client or server", "addresses of clients and servers"
      )
        + " (shown as \(code: "client-1") …)",
      count(redactor.count(.queryValue), "query value", "query values"),
      count(redactor.count(.email), "e-mail address", "e-mail addresses"),
      count(tokens, "token", "tokens"),
    ]
    for kind in MaskClass.allCases
    where !kind.isToken && ![.client, .queryValue, .email].contains(kind)
      && redactor.count(kind) > 0
    {
      parts.append("\(Figure.count(redactor.count(kind))) \(words: kind.noun)")
    }
    let settings = context.options.redaction
    let bits = Figure.plain(settings.networkBits)
    let wide = Figure.plain(2 * settings.networkBits)
    let keyed: Phrase = settings.pseudonymKey == nil ? "" : " Client names are keyed."
    return
      "\(strong: "Masked in this report:") \(Phrase.joined(parts, by: ", ")). Client networks (/\(bits), of IPv6 /\(wide), or wider) are kept where at least \(Figure.plain(settings.k)) clients share them.\(keyed) Masked by pattern: read it before you publish it."
  }
}
