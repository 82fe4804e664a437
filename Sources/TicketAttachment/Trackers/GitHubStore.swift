internal import FoundationEssentials

/// Files beside a ticket of GitHub, whose documented interface takes none with a comment: a secret gist, or a branch.
struct GitHubStore {
  private struct Gist: Decodable {
    var description: String?
    var address: String?

    private enum CodingKeys: String, CodingKey {
      case description
      case address = "html_url"
    }
  }

  private struct Content: Decodable {
    struct File: Decodable {
      var address: String?

      private enum CodingKeys: String, CodingKey {
        case address = "html_url"
      }
    }

    var content: File
  }

  let exchange: Exchange
  /// `/repos/OWNER/REPO`
  let repository: String

  /// 100 gists each.
  private static let mostPages = 10

  /// One gist with all files; the report's digest in its description is how a later run finds it.
  func gist(_ parcel: Parcel) async throws(AttachFailure) -> Written<[Parcel.Place]> {
    let step = AttachFailure.Step.upload("report.json")
    let description = "floodmark-report sha256:" + parcel.digest
    if let found = try await earlier(description, step) {
      return .done(Self.places(parcel, found.address))
    }
    let files = parcel.files.map { file in
      let text = RequestJSON.string(String(decoding: file.bytes, as: UTF8.self))
      return (name: file.name, json: RequestJSON.object([("content", text)]))
    }
    let body = RequestJSON.object([
      ("public", "false"), ("description", RequestJSON.string(description)),
      ("files", RequestJSON.object(files)),
    ])
    switch try await exchange.write(
      "POST", "/gists", step, type: "application/json", body: Array(body.utf8))
    {
    case .unknown(let failure): return .unknown(failure)
    case .done(let answer):
      return .done(Self.places(parcel, try answer.decoded(Gist.self, step).address))
    }
  }

  private func earlier(
    _ description: String, _ step: AttachFailure.Step
  ) async throws(AttachFailure) -> Gist? {
    for page in 1...Self.mostPages {
      let answer = try await exchange.read("/gists?per_page=100&page=\(page)", step)
      let gists = try answer.decoded([Gist].self, step)
      if let found = gists.first(where: { $0.description == description }) { return found }
      if answer.headers["link"]?.contains("rel=\"next\"") != true { break }
    }
    return nil
  }

  private static func places(_ parcel: Parcel, _ address: String?) -> [Parcel.Place] {
    parcel.files.map { Parcel.Place(name: $0.name, address: address) }
  }

  /// Each file in a folder of its own report below `incidents/`; one that lies there is left as it is.
  func branch(
    _ name: String, _ parcel: Parcel
  ) async throws(AttachFailure) -> Written<[Parcel.Place]> {
    let window = parcel.subject.split(separator: " ").last.map(String.init)
    let day = day(of: window) ?? "report"
    let folder = "incidents/\(day)-\(parcel.digest.prefix(8))"
    var places: [Parcel.Place] = []
    for file in parcel.files {
      let step = AttachFailure.Step.upload(file.name)
      let path = "\(repository)/contents/\(folder)/\(file.name)"
      if let address = try await address(path + "?ref=\(name)", step) {
        places.append(Parcel.Place(name: file.name, address: address))
        continue
      }
      let body = RequestJSON.object([
        ("message", RequestJSON.string("Add \(file.name) of \(parcel.subject)")),
        ("content", RequestJSON.string(Data(file.bytes).base64EncodedString())),
        ("branch", RequestJSON.string(name)),
      ])
      switch try await exchange.write(
        "PUT", path, step, type: "application/json", body: Array(body.utf8))
      {
      case .unknown(let failure): return .unknown(failure)
      case .done(let answer):
        let content = try answer.decoded(Content.self, step).content
        places.append(Parcel.Place(name: file.name, address: content.address))
      }
    }
    return .done(places)
  }

  /// Where a file lies already; nil where there is none, or no such branch.
  private func address(
    _ path: String, _ step: AttachFailure.Step
  ) async throws(AttachFailure) -> String? {
    do throws(AttachFailure) {
      return try await exchange.read(path, step).decoded(Content.File.self, step).address ?? ""
    } catch {
      guard case .refused(status: 404, _) = error.problem else { throw error }
      return nil
    }
  }
}
