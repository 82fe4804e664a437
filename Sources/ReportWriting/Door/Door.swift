internal import IncidentModel

/// Text from outside that has been through the door: redacted, made visible, clipped. Only ``Door`` makes one.
struct Quoted: Hashable {
  /// One line without control characters, in at most as many scalars as its place allows.
  let text: String
  /// What the text was; a note may stand in quotation marks.
  let kind: LogText.Kind

  fileprivate init(text: String, kind: LogText.Kind) {
    self.text = text
    self.kind = kind
  }
}

/// The one way from log text to an output: redact, make visible, clip (REPORT §6.1); ``Quoted`` then quotes for its target.
final class Door {
  private struct Key: Hashable {
    var text: LogText
    var limit: ClipLimit
    var isAccess: Bool
  }

  private(set) var redactor: Redactor
  private var admitted: [Key: Quoted] = [:]

  init(redactor: Redactor) {
    self.redactor = redactor
  }

  /// Takes text in; the same text is masked, counted and labelled once.
  ///
  /// `isAccess`: addresses in it are clients' and not those of machines of one's own.
  func admit(_ text: LogText, limit: ClipLimit = .table, isAccess: Bool = true) -> Quoted {
    let key = Key(text: text, limit: limit, isAccess: isAccess)
    if let known = admitted[key] { return known }
    var visible = VisibleText()
    for piece in redactor.pieces(of: text, isAccess: isAccess) {
      switch piece {
      case .bytes(let bytes): visible.append(bytes)
      case .mask(let mask): visible.append(mask: mask)
      }
    }
    let quoted = Quoted(text: limit.clipped(visible.atoms), kind: text.kind)
    admitted[key] = quoted
    return quoted
  }

  /// The name of a service or group, which the report is about and does not mask as a host.
  func admit(ownName name: String) -> Quoted {
    redactor.ownNames.insert(name)
    return admit(LogText(name, kind: .name))
  }
}
