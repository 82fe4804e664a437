internal import IncidentModel

/// `report.json`: the contract `floodmark.report/1` (DESIGN §7, REPORT §2.13). Members are added, never renamed.
struct ReportDocument {
  let context: ReportContext
  /// Of the `report.md` that is written beside it; nil: none is.
  let markdownSHA256: String?
  /// Nothing is written: all goes through the door once, in the document's order, and is let go.
  var isRehearsal = false

  var text: String { value.text }

  var value: JSONValue {
    let analysis = context.analysis
    return .object([
      ("schema", "floodmark.report/1"),
      ("version", .words(context.options.version)),
      ("markdown_sha256", .words(markdownSHA256)),
      ("options", options),
      (
        "window",
        .object([
          ("start", .time(analysis.window.span.start)), ("end", .time(analysis.window.span.end)),
          ("bucket_seconds", .whole(analysis.window.bucketSeconds)),
        ])
      ),
      ("inputs", list(analysis.inputs.count, input)),
      ("address_lists", addressLists),
      ("services", .array(analysis.services.map(service))),
      ("spikes", .array(analysis.spikes.map(spike))),
      ("incidents", .array(analysis.incidents.map(incident))),
      ("capacity", .array(analysis.capacity.map(capacity))),
      ("timeline", .array(analysis.timeline.map(timeline))),
      ("evidence", .object(analysis.evidence.map { ("E\($0.id.number)", evidence($0)) })),
      ("series", list(analysis.series.count) { series(analysis.series[$0]) }),
      ("open_questions", .array(analysis.openQuestions.map(openQuestion))),
      ("coverage", coverage),
      ("parameters", .object(analysis.parameters.map { ($0.name, .number($0.value)) })),
      ("redaction_mode", context.options.redaction.isOn ? "patterns" : "off"),
      ("redaction", redaction),
    ])
  }

  /// What there may be very much of.
  private func list(_ count: Int, _ item: @escaping (Int) -> JSONValue) -> JSONValue {
    guard isRehearsal else { return .list(count: count, item: item) }
    for index in 0..<count { _ = item(index) }
    return .null
  }

  // MARK: Text

  func sentence(_ sentence: Sentence) -> JSONValue {
    .words(context.phrase(sentence).plain)
  }

  func name(_ name: String) -> JSONValue { .text(context.name(name)) }

  func name(_ name: String?) -> JSONValue { name.map { self.name($0) } ?? .null }

  func place(_ position: LogPosition) -> JSONValue {
    .object(file(position.input) + [("line", .whole(position.line))])
  }

  /// An input's file and member, as `show` finds them again.
  func file(_ input: Int) -> [(String, JSONValue)] {
    guard context.analysis.inputs.indices.contains(input) else {
      return [("file", .null), ("member", .null)]
    }
    let name = context.analysis.inputs[input].name
    return [("file", fileName(name.file)), ("member", name.member.map(fileName) ?? .null)]
  }

  func fileName(_ name: String) -> JSONValue {
    .text(context.door.admit(LogText(name, kind: .file), limit: .path))
  }

  // MARK: Small parts

  private var options: JSONValue {
    let options = context.analysis.options
    let redaction = context.options.redaction
    return .object([
      ("from", bound(options.from)), ("to", bound(options.to)),
      ("objective", .number(options.objective)),
      ("objective_given", .bool(options.objectiveIsGiven)),
      ("service", name(options.service)),
      (
        "given",
        .array(
          options.given.map {
            .text(context.door.admit(LogText($0, kind: .file), limit: .path))
          })
      ),
      ("time_zone", context.options.zone.map { fileName($0.name) } ?? .null),
      ("redact", .bool(redaction.isOn)), ("k", .whole(redaction.k)),
      ("network_bits", .whole(redaction.networkBits)),
      ("keep_private", .bool(redaction.keepPrivate)),
      ("pseudonyms_keyed", .bool(redaction.pseudonymKey != nil)),
    ])
  }

  private func bound(_ bound: WindowBound?) -> JSONValue {
    switch bound {
    case .moment(let moment): .time(moment)
    case .timeOfDay(let seconds):
      .words(String(Clock.rfc3339(Instant(seconds: Int64(seconds))).dropFirst(11).prefix(8)))
    case nil: .null
    }
  }

  private func evidence(_ evidence: Evidence) -> JSONValue {
    .object(evidenceMembers(evidence))
  }

  func evidenceMembers(_ evidence: Evidence) -> [(String, JSONValue)] {
    let index = evidence.id.number - 1
    let quote: JSONValue =
      context.quotes.indices.contains(index) ? .text(context.quotes[index]) : .null
    return file(evidence.position.input) + [
      ("line", .whole(evidence.position.line)), ("offset", .whole(evidence.position.offset)),
      ("input", .whole(evidence.position.input)), ("time", .time(evidence.time)),
      ("precision_s", .whole(evidence.precisionSeconds)), ("access", .bool(evidence.isAccess)),
      ("quote", quote),
    ]
  }

  private func timeline(_ entry: TimelineEntry) -> JSONValue {
    .object([
      ("time", .time(entry.time)), ("kind", .words(entry.kind.rawValue)),
      ("source", .words(entry.source.rawValue)), ("service", name(entry.service)),
      ("group", name(entry.group)), ("text", sentence(entry.text)),
      ("evidence", .ids(entry.evidence)), ("mark", .words(entry.mark)),
      ("precision_s", .whole(entry.precisionSeconds)), ("count", .whole(entry.count)),
      ("last", .time(entry.last)),
    ])
  }

  private func openQuestion(_ question: OpenQuestion) -> JSONValue {
    .object([
      ("title", sentence(question.title)), ("text", sentence(question.text)),
      ("evidence", .ids(question.evidence)), ("needs", .array(question.needs.map(sentence))),
    ])
  }

  private func series(_ series: ServiceSeries) -> JSONValue {
    func whole(_ values: [Int?]) -> JSONValue { .array(values.map { .whole($0) }) }
    return .object([
      ("service", name(series.service)), ("start", .time(series.start)),
      ("bucket_seconds", .whole(series.bucketSeconds)),
      ("requests", whole(series.requests)), ("failed", whole(series.failed)),
      ("repeats", whole(series.repeats)), ("needed", whole(series.needed)),
      ("needed_first_attempts", whole(series.neededFirstAttempts)),
      ("wanted", whole(series.wanted)), ("ready", whole(series.ready)),
      ("serving", whole(series.serving)), ("max_size", whole(series.maximum)),
      ("p95_ms", .array(series.p95Milliseconds.map { .number($0) })),
    ])
  }

  private var redaction: JSONValue {
    .array(
      MaskClass.allCases.compactMap { kind in
        let count = context.door.redactor.count(kind)
        return count > 0
          ? .object([("class", .words(kind.rawValue)), ("count", .whole(count))]) : nil
      })
  }
}

extension JSONValue: ExpressibleByStringLiteral {
  init(stringLiteral value: String) {
    self = .words(value)
  }
}
