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
    var isAccess: Bool
  }

  private(set) var redactor: Redactor
  /// The visible atoms of each text that came in.
  private var admitted: [Key: [String]] = [:]

  init(redactor: Redactor) {
    self.redactor = redactor
  }

  /// Takes text in; the same text is masked, counted and labelled once.
  ///
  /// `isAccess`: addresses in it are clients' and not those of machines of one's own.
  func admit(_ text: LogText, limit: ClipLimit = .table, isAccess: Bool = true) -> Quoted {
    let key = Key(text: text, isAccess: isAccess)
    let atoms = admitted[key] ?? atoms(of: text, isAccess: isAccess)
    admitted[key] = atoms
    return Quoted(text: limit.clipped(atoms), kind: text.kind)
  }

  /// The bytes of a longer text behind this are not looked at.
  private static let longestText = 65_536
  /// Of such a text so many atoms are kept: far enough from the cut that no half secret is among them.
  private static let longestCut = 4096

  private func atoms(of whole: LogText, isAccess: Bool) -> [String] {
    let isCut = whole.bytes.count > Self.longestText
    let text =
      isCut ? LogText(bytes: Array(whole.bytes.prefix(Self.longestText)), kind: whole.kind) : whole
    var visible = VisibleText()
    for piece in redactor.pieces(of: text, isAccess: isAccess) {
      switch piece {
      case .bytes(let bytes): visible.append(bytes)
      case .mask(let mask): visible.append(mask: mask)
      }
    }
    return isCut ? Array(visible.atoms.prefix(Self.longestCut)) : visible.atoms
  }

  /// The name of a service or group, which the report is about and does not mask as a host.
  func admit(ownName name: String) -> Quoted {
    redactor.ownNames.insert(name)
    return admit(LogText(name, kind: .name))
  }
}
