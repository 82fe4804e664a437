internal import IncidentModel

/// What changed between two analyses (`floodmark diff`): two runs over one outage, or last year's outage and this year's.
package struct ReportDiff {
  struct Change {
    var field: DiffField
    var a: ReadReport.Value?
    var b: ReadReport.Value?

    /// Nothing is changed between what both tell alike, to the digit that a report shows, and what neither tells.
    init?(_ field: DiffField, _ a: ReadReport.Value?, _ b: ReadReport.Value?) {
      guard field.shown(a) != field.shown(b) else { return nil }
      self.field = field
      self.a = a
      self.b = b
    }
  }

  struct Part {
    /// nil: the report as a whole.
    var pair: (a: DiffSide, b: DiffSide, isSameTime: Bool)?
    var changes: [Change]
  }

  let a: ReadReport
  let b: ReadReport
  private(set) var parts: [Part] = []
  private(set) var onlyA: [DiffSide] = []
  private(set) var onlyB: [DiffSide] = []

  /// Inputs that are told by name; more are counted.
  static let mostNames = 10

  /// Holds one report against another.
  package init(_ a: ReadReport, _ b: ReadReport) {
    self.a = a
    self.b = b
    let pairs = DiffPairs(a.value, b.value)
    let whole = Self.changes(
      Self.whole, DiffSide(report: a.value, incident: .null),
      DiffSide(report: b.value, incident: .null))
    if !whole.isEmpty { parts.append(Part(pair: nil, changes: whole)) }
    for pair in pairs.pairs {
      let changes = Self.changes(DiffField.all(isSameTime: pair.isSameTime), pair.a, pair.b)
      parts.append(Part(pair: pair, changes: changes))
    }
    onlyA = pairs.onlyA
    onlyB = pairs.onlyB
  }

  /// Whether nothing that is compared differs.
  package var isEmpty: Bool {
    onlyA.isEmpty && onlyB.isEmpty && parts.allSatisfy(\.changes.isEmpty)
  }

  private static func changes(
    _ fields: [DiffField], _ a: DiffSide, _ b: DiffSide
  ) -> [Change] {
    fields.compactMap { Change($0, $0.read(a), $0.read(b)) }
  }

  /// What is compared of the reports themselves.
  private static let whole: [DiffField] = [
    DiffField(label: "version", name: "version", style: .word) { $0.report["version"] },
    DiffField(label: "window from", name: "window.start", style: .moment) {
      $0.report["window"]?["start"]
    },
    DiffField(label: "window to", name: "window.end", style: .moment) {
      $0.report["window"]?["end"]
    },
    DiffField(label: "incidents", name: "incidents", style: .count) { side in
      .number(Double(side.report["incidents"]?.items.count ?? 0))
    },
    DiffField(label: "inputs", name: "inputs", style: .count) { side in
      .number(Double(side.report["inputs"]?.items.count ?? 0))
    },
    DiffField(label: "content of the inputs", name: "inputs.sha256", style: .word) { side in
      let hashes = (side.report["inputs"]?.items ?? []).compactMap { $0["sha256"]?.text }
      // Which files they are called is no difference; eight digits tell one set from another.
      return hashes.isEmpty
        ? nil
        : .text(String(HumanSections.digest(of: Array(hashes.sorted().joined().utf8)).prefix(8)))
    },
    DiffField(label: "requests of all services", name: "services.requests", style: .count) {
      sum($0.report, "requests")
    },
    DiffField(label: "failed requests of all services", name: "services.failed", style: .count) {
      sum($0.report, "failed")
    },
  ]

  /// Over the services, those apart that are the inner side of another's flow.
  private static func sum(_ report: ReadReport.Value, _ name: String) -> ReadReport.Value? {
    let services = report["services"]?.items.filter { $0["inside_of"] == nil } ?? []
    let counts = services.compactMap { $0[name]?.number }
    guard !counts.isEmpty else { return nil }
    let sum = counts.reduce(0, +)
    return sum.isFinite ? .number(sum) : nil
  }
}
