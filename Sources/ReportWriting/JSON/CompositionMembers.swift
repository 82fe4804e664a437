internal import IncidentModel

/// Who the excess was, in `report.json`.
extension ReportDocument {
  func composition(_ composition: Composition) -> JSONValue {
    .object([
      ("kind", .words(composition.kind.rawValue)),
      ("excess_requests", .whole(composition.excessRequests)),
      ("bot_share", .number(composition.botShare)),
      ("bot_share_error", .number(composition.botShareError)),
      ("retry_share", .number(composition.retryShare)),
      (
        "repeat_definition",
        composition.retryShare == nil
          ? .null : "same client, method and path within 60 s of a failure"
      ),
      ("segments", .array(composition.segments.map(segment))),
      ("machine_share", .number(composition.machineShare)),
      ("undecided_share", .number(composition.undecidedShare)),
      ("parts", .array(composition.parts.map(part))),
      ("pairs", .array(composition.pairs.map(pair))),
      ("crawlers", .array(composition.crawlers.map(crawler))),
      ("needs", .array(composition.needs.map(sentence))),
    ])
  }

  private func segment(_ segment: Composition.Segment) -> JSONValue {
    .object([
      ("dimension", .words(segment.dimension)),
      ("value", .text(context.door.admit(segment.value))),
      ("share_of_excess", .number(segment.shareOfExcess)),
      ("baseline_share", .number(segment.baselineShare)),
      ("share_error", .number(segment.shareError)),
    ])
  }

  private func part(_ part: Composition.Part) -> JSONValue {
    .object([
      ("selection", .words(part.selection.rawValue)),
      ("values", .array(part.values.map { .text(context.door.admit($0)) })),
      ("share", .number(part.share)), ("share_error", .number(part.shareError)),
      ("verdict", .words(part.verdict.rawValue)), ("log_odds", .number(part.logOdds)),
      ("people_share", .number(part.peopleShare)),
      ("shared_addresses", .bool(part.isShared)),
      ("obstacle", part.obstacle.map(sentence) ?? .null),
      ("tests", .array(part.tests.map(test))), ("evidence", .ids(part.evidence)),
    ])
  }

  private func test(_ test: Composition.Test) -> JSONValue {
    .object([
      ("name", .words(test.name)), ("family", .words(test.family.rawValue)),
      ("state", .words(test.state.rawValue)), ("weight", .number(test.weight)),
      ("decisive", .bool(test.isDecisive)), ("saw", sentence(test.saw)),
    ])
  }

  private func pair(_ pair: Composition.Pair) -> JSONValue {
    .object([
      ("values", .array([pair.first, pair.second].map(segment))),
      ("share_of_excess", .number(pair.shareOfExcess)),
      ("baseline_share", .number(pair.baselineShare)),
      ("share_error", .number(pair.shareError)),
    ])
  }

  private func crawler(_ crawler: Composition.Crawler) -> JSONValue {
    .object([
      ("name", .text(context.door.admit(crawler.name))),
      ("share_of_excess", .number(crawler.shareOfExcess)),
      ("standing", .words(crawler.standing.rawValue)),
    ])
  }

  private func database(_ database: AddressList.Database) -> JSONValue {
    .object([
      ("type", .text(context.door.admit(LogText(database.type, kind: .name)))),
      ("addresses", .whole(database.addresses)), ("found", .whole(database.found)),
    ])
  }

  /// The lists of networks that the user gave, with what was read of them.
  var addressLists: JSONValue {
    .array(
      context.analysis.options.addressLists.map { list in
        .object([
          ("file", fileName(list.name)), ("sha256", .words(list.sha256)),
          ("prefixes", .whole(list.prefixes.count)), ("labels", .whole(list.labels.count)),
          ("rejected", .whole(list.rejected)),
          ("database", list.database.map(database) ?? .null),
        ])
      })
  }
}
