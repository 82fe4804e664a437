internal import ReportWriting
package import TicketAttachment

/// Why a folder's report is not attached: the facts; the command words them. Nothing was sent.
package enum AttachRefusal: Error, Hashable, Sendable {
  /// Nothing in this file was masked.
  case unredacted(path: String)
  /// The folder has no `report.md` and no `summary.md`.
  case noMarkdown(folder: String)
  /// The file was written by another run than `report.json`.
  case otherRun(path: String)
  /// The option is not one of this tracker.
  case optionUnknown(String)
  /// The folder holds the reports of a batch, and an index that tells of all of them.
  case batch(folder: String)
}

/// `floodmark attach`: from a written report to a ticket.
package struct AttachRun: Sendable {
  /// What is attached where, and how.
  package struct Options: Sendable {
    package var folder: String
    package var target: TicketTarget
    package var replaces: Bool
    package var ticket: TicketOptions
    package var takesUnredacted: Bool
    package var environment: [String: String]

    package init(
      folder: String, target: TicketTarget, replaces: Bool, ticket: TicketOptions,
      takesUnredacted: Bool, environment: [String: String]
    ) {
      self.folder = folder
      self.target = target
      self.replaces = replaces
      self.ticket = ticket
      self.takesUnredacted = takesUnredacted
      self.environment = environment
    }
  }

  /// What a run would send.
  package struct Preview: Sendable {
    package var comment: String
    /// Names and bytes; empty where the tracker takes none.
    package var files: [(name: String, size: Int)]
    /// Files of the folder that belong to another run.
    package var strays: [String]
  }

  private let options: Options

  package init(options: Options) {
    self.options = options
  }

  /// Shows what would be sent; asks nobody and needs no token.
  package func preview() throws -> Preview {
    let folder = try ReportFolder(options.folder, takesUnredacted: options.takesUnredacted)
    let settings = try TrackerSettings(environment: options.environment)
    let parcel = parcel(folder, isCloud: TrackerAccess.isJiraCloud(settings))
    let places = parcel.files.map { Parcel.Place(name: $0.name, address: nil) }
    return Preview(
      comment: parcel.comment(places, nil),
      files: parcel.files.map { ($0.name, $0.bytes.count) }, strays: folder.strays)
  }

  /// Whether the report tells of no incident.
  func hasNoIncident() throws -> Bool {
    try ReportFolder(options.folder, takesUnredacted: options.takesUnredacted)
      .source.incidents.isEmpty
  }

  /// Attaches; the folder's files that belong to another run are told beside the receipt.
  package func run(
    courier: any Courier = WebCourier()
  ) async throws -> (receipt: TicketDelivery.Receipt, strays: [String]) {
    let folder = try ReportFolder(options.folder, takesUnredacted: options.takesUnredacted)
    let settings = try TrackerSettings(environment: options.environment)
    let access = try TrackerAccess(options.target, settings: settings)
    let parcel = parcel(folder, isCloud: TrackerAccess.isJiraCloud(settings))
    let delivery = TicketDelivery(access, options: options.ticket, courier: courier) { seconds in
      try? await Task.sleep(for: .seconds(seconds))
    }
    return (try await delivery.run(parcel, replaces: options.replaces), folder.strays)
  }

  private func parcel(_ folder: ReportFolder, isCloud: Bool) -> Parcel {
    let comment = TrackerComment(options.target.form(isCloud: isCloud), of: folder.source)
    let files = options.target.takesFiles(options.ticket) ? folder.files : []
    return Parcel(digest: folder.source.digest, subject: comment.subject, files: files) {
      places, replaced in
      comment.text(files: places.map { ($0.name, $0.address) }, replaced: replaced)
    }
  }
}

extension TicketTarget {
  fileprivate func form(isCloud: Bool) -> TrackerComment.Form {
    switch self {
    case .gitHub: .gitHub
    case .gitLab: .gitLab
    case .jira: isCloud ? .jiraDocument : .jiraWiki
    case .redmine, .requestTracker: .neutral
    case .folder: .folder
    }
  }

  /// Jira and Redmine show files to everybody who sees the ticket, so that a comment for some comes without.
  fileprivate func takesFiles(_ options: TicketOptions) -> Bool {
    switch self {
    case .gitHub: options.store != nil
    case .gitLab, .requestTracker, .folder: true
    case .jira: options.visibility == nil
    case .redmine: !options.isInternal
    }
  }
}
