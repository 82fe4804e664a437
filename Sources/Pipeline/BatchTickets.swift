internal import Foundation
package import TicketAttachment

/// `floodmark attach --batch`: one report after the other, each to the ticket that its folder's `floodmark.yaml` names.
///
/// A folder that fails stops none of the others. The index pages are no report and go nowhere.
package struct BatchTickets: Sendable {
  /// What became of one folder.
  package enum End: Sendable {
    case sent(TicketDelivery.Receipt)
    /// What a run would send.
    case shown(AttachRun.Preview)
    /// Its `floodmark.yaml` names no ticket, or there is none.
    case withoutTicket
    /// There is nothing to tell: its report found no incident.
    case withoutIncident
    /// `target` and `named`: the ticket, where it could be read.
    case failed(any Error, target: TicketTarget?, named: String)
  }

  /// One folder and its ticket.
  package struct Row: Sendable {
    package var folder: String
    /// As its `floodmark.yaml` has it.
    package var ticket: String?
    package var end: End
    /// Files of the folder that another run wrote.
    package var strays: [String] = []
  }

  private let root: String
  private let tickets: String
  private let template: AttachRun.Options
  private let isDryRun: Bool

  /// - Parameters:
  ///   - root: what `floodmark batch` wrote
  ///   - tickets: a folder with a folder of the same name for each, which holds its `floodmark.yaml`; nil: `root`
  ///   - template: the options of all; folder and target are filled in
  package init(root: String, tickets: String?, template: AttachRun.Options, isDryRun: Bool) {
    self.root = root
    self.tickets = tickets ?? root
    self.template = template
    self.isDryRun = isDryRun
  }

  /// Runs all folders in the order of their names; `tell` hears of each that is done.
  package func run(
    courier: any Courier = WebCourier(), tell: (Row) throws -> Void
  ) async throws {
    let names = try folders()
    for name in names { try tell(await row(of: name, courier)) }
  }

  /// The folders right under the root that hold a `report.json`; a link may lead into another tenant's.
  private func folders() throws(RunError) -> [String] {
    let files = FileManager.default
    let names = ((try? files.contentsOfDirectory(atPath: root)) ?? []).filter { name in
      guard !name.hasPrefix(".") else { return false }
      let kind =
        try? files.attributesOfItem(atPath: root + "/" + name)[.type] as? FileAttributeType
      return kind == .typeDirectory
        && files.fileExists(atPath: root + "/" + name + "/report.json")
    }
    guard !names.isEmpty else { throw .noReports(path: root) }
    return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  private func row(of name: String, _ courier: any Courier) async -> Row {
    var row = Row(folder: name, end: .withoutTicket)
    var target: TicketTarget?
    do {
      guard let ticket = try ConfigurationFile.own(of: [tickets + "/" + name])?.ticket else {
        return row
      }
      row.ticket = ticket
      let parsed = try TicketTarget(parsing: ticket)
      target = parsed
      try Self.refuseUnknownOptions(template.ticket, parsed)
      var options = template
      options.folder = root + "/" + name
      options.target = parsed
      let run = AttachRun(options: options)
      if try run.hasNoIncident() {
        row.end = .withoutIncident
      } else if isDryRun {
        let preview = try run.preview()
        (row.end, row.strays) = (.shown(preview), preview.strays)
      } else {
        let outcome = try await run.run(courier: courier)
        (row.end, row.strays) = (.sent(outcome.receipt), outcome.strays)
      }
    } catch {
      row.end = .failed(error, target: target, named: row.ticket ?? name)
    }
    return row
  }

  /// What would show a comment to more people than was asked for must not be left aside.
  private static func refuseUnknownOptions(
    _ options: TicketOptions, _ target: TicketTarget
  ) throws(AttachRefusal) {
    if options.isInternal && !target.takesInternal {
      throw AttachRefusal.optionUnknown("--internal")
    }
    if options.visibility != nil && !target.takesVisibility {
      throw AttachRefusal.optionUnknown("--visibility")
    }
  }
}

extension TicketTarget {
  /// Whether a comment can be for the project's members alone.
  package var takesInternal: Bool {
    switch self {
    case .gitLab, .redmine, .requestTracker: true
    case .gitHub, .jira, .folder: false
    }
  }

  /// Whether a comment can be for one role alone.
  package var takesVisibility: Bool {
    if case .jira = self { true } else { false }
  }

  /// Whether files can be laid down beside the ticket.
  package var takesFileStore: Bool {
    if case .gitHub = self { true } else { false }
  }
}
