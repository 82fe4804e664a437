internal import Foundation
internal import IncidentModel

/// What a tracker's error says, wherever in its JSON it says it.
enum ServerMessage {
  private struct Body: Decodable {
    var message: Flexible?
    var error: Flexible?
    var errors: Flexible?
    var errorMessages: [String]?
  }

  /// A member that is a text here, a list or an object there.
  private enum Flexible: Decodable {
    case texts([String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .texts([text])
      } else if let list = try? container.decode([String].self) {
        self = .texts(list)
      } else if let object = try? container.decode([String: String].self) {
        self = .texts(object.keys.sorted().map { "\($0): \(object[$0] ?? "")" })
      } else {
        self = .texts([])
      }
    }

    var list: [String] {
      switch self {
      case .texts(let list): list
      }
    }
  }

  static func text(in body: [UInt8]) -> LogText? {
    guard body.count <= 1 << 20,
      let decoded = try? JSONDecoder().decode(Body.self, from: Data(body))
    else { return nil }
    let parts =
      (decoded.errorMessages ?? [])
      + [decoded.message, decoded.error, decoded.errors]
      .flatMap { $0?.list ?? [] }
    return parts.isEmpty ? nil : LogText(parts.joined(separator: "; "), kind: .line)
  }
}

extension HTTPAnswer {
  /// The answer's JSON; what does not fit is a failure of the step.
  func decoded<Value: Decodable>(
    _ type: Value.Type, _ step: AttachFailure.Step
  ) throws(AttachFailure) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      throw AttachFailure(step, .unreadable, requestID: requestID)
    }
  }
}

/// The JSON of requests; what stands in it comes finished from the report.
enum RequestJSON {
  /// A text as a JSON string, quotes and all.
  static func string(_ text: String) -> String {
    let bytes = (try? JSONEncoder().encode(text)) ?? Data("\"\"".utf8)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// An object of members whose values are JSON already.
  static func object(_ members: [(name: String, json: String)]) -> String {
    "{" + members.map { string($0.name) + ":" + $0.json }.joined(separator: ",") + "}"
  }
}

/// Bytes as `multipart/form-data` with one field `file` (RFC 7578).
struct Multipart {
  let type: String
  let body: [UInt8]

  init(_ file: Parcel.File) {
    let boundary = "floodmark-" + UUID().uuidString
    type = "multipart/form-data; boundary=" + boundary
    let head =
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file.name)\"\r\n"
      + "Content-Type: \(file.mediaType)\r\n\r\n"
    body = Array(head.utf8) + file.bytes + Array("\r\n--\(boundary)--\r\n".utf8)
  }
}
