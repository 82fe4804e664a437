/// What a capacity log tells of the account behind it (DESIGN §9).
enum CloudScanners {
  /// `arn:aws:…`, `arn:aws-cn:…`, whole.
  static func arn(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("arn:aws", at: index), !(text.byte(index - 1)?.isWord ?? false) else {
      return nil
    }
    let end = text.run(from: index) {
      $0.isWordOrHyphen || Array(":/.*+=@".utf8).contains($0)
    }
    return end - index > 12 ? index..<end : nil
  }

  /// Twelve digits that stand alone.
  static func account(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index)?.isDigit == true, !stands(text, index - 1) else { return nil }
    let end = text.run(from: index, limit: 13, { $0.isDigit })
    return end - index == 12 && !stands(text, end) ? index..<end : nil
  }

  private static func stands(_ text: Scannable, _ index: Int) -> Bool {
    text.byte(index).map { $0.isWord || $0 == UInt8(ascii: ".") } ?? false
  }

  /// The id in Google Cloud's `projects/ID/`.
  static func project(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("projects/", at: index), !(text.byte(index - 1)?.isWord ?? false) else {
      return nil
    }
    let end = text.run(from: index + 9) { $0.isWordOrHyphen || Array(":.".utf8).contains($0) }
    return end > index + 9 && text.byte(end) == UInt8(ascii: "/") ? (index + 9)..<end : nil
  }

  private static let privateEndings: Set<String> = [
    "internal", "local", "lan", "corp", "intra", "intranet", "private", "localdomain", "consul",
    "svc",
  ]

  /// A host name that only one's own network resolves: `ip-10-0-1-23.ec2.internal`, `db.corp`.
  static func host(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index)?.isAlphanumeric == true, !stands(text, index - 1),
      text.byte(index - 1) != UInt8(ascii: "-")
    else { return nil }
    var end = text.run(from: index, limit: 254) {
      $0.isWordOrHyphen || $0 == UInt8(ascii: ".")
    }
    while end > index, text.byte(end - 1)?.isAlphanumeric == false { end -= 1 }
    let labels = text.bytes(index..<end).split(separator: UInt8(ascii: "."))
    let last = labels.last.map { String(decoding: $0.map(\.lowercased), as: UTF8.self) } ?? ""
    if labels.count >= 2, privateEndings.contains(last) { return index..<end }
    if labels.suffix(2).map({ String(decoding: $0, as: UTF8.self) }) == ["home", "arpa"] {
      return index..<end
    }
    return isAddressName(labels.first.map(Array.init) ?? []) ? index..<end : nil
  }

  /// `ip-10-0-1-23`: an address written as a name.
  private static func isAddressName(_ label: [UInt8]) -> Bool {
    let parts = label.split(separator: UInt8(ascii: "-"))
    return parts.count == 5 && Array(parts[0]) == Array("ip".utf8)
      && parts.dropFirst().allSatisfy { UInt8(String(decoding: $0, as: UTF8.self)) != nil }
  }
}
