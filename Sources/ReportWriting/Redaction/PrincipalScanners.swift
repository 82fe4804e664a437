/// Who acted, and in which account: values behind names that say so, and the forms that have none (DESIGN §9).
enum PrincipalScanners {
  private static let userNames: Set<String> = [
    "user", "username", "login", "principal", "principalid", "caller", "actor", "initiatedby",
    "requestedby", "impersonateduser", "remoteuser", "userid", "sub",
  ]
  private static let accountNames: Set<String> = [
    "accountid", "ownerid", "account", "subscription", "subscriptionid", "tenantid", "customerid",
  ]
  private static let projectNames: Set<String> = ["project", "projectid", "projectnumber"]

  /// The value behind `"principalId":`, `user=` and the like.
  static func principal(_ text: Scannable, _ index: Int) -> Range<Int>? {
    value(text, index, names: userNames) ?? serviceAccount(text, index) ?? quotedUser(text, index)
      ?? session(text, index)
  }

  /// The value behind `"accountId":`, `subscription_id=` and the like.
  static func account(_ text: Scannable, _ index: Int) -> Range<Int>? {
    value(text, index, names: accountNames)
  }

  /// The value behind `"project_id":`, `projectId=` and the like.
  static func project(_ text: Scannable, _ index: Int) -> Range<Int>? {
    value(text, index, names: projectNames) ?? pathEnd(text, index)
  }

  /// `projects/shop-prod-1` where the path ends with it: six to thirty letters, digits and hyphens with a hyphen or a digit among them.
  private static func pathEnd(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("projects/", at: index), !(text.byte(index - 1)?.isWord ?? false) else {
      return nil
    }
    let start = index + 9
    let end = text.run(from: start, limit: 31) { $0.isAlphanumeric || $0 == 0x2d }
    let body = text.bytes(start..<end)
    guard (6...30).contains(body.count), body.contains(where: { $0 == 0x2d || $0.isDigit }),
      !(text.byte(end).map { $0.isWord || $0 == 0x2f } ?? false)
    else { return nil }
    return start..<end
  }

  /// The value at `=` or `:`; behind a colon only in JSON, for prose has colons too.
  private static func value(
    _ text: Scannable, _ index: Int, names: Set<String>
  ) -> Range<Int>? {
    guard let mark = text.byte(index), mark == UInt8(ascii: "=") || mark == UInt8(ascii: ":") else {
      return nil
    }
    var nameEnd = text.byte(index - 1) == 0x20 ? index - 1 : index
    let isQuoted = text.byte(nameEnd - 1) == 0x22
    guard isQuoted || mark == UInt8(ascii: "=") else { return nil }
    if isQuoted { nameEnd -= text.byte(nameEnd - 2) == UInt8(ascii: "\\") ? 2 : 1 }
    var nameStart = nameEnd
    while nameEnd - nameStart < 40, let byte = text.byte(nameStart - 1), byte.isWordOrHyphen {
      nameStart -= 1
    }
    let name = text.bytes(nameStart..<nameEnd).filter(\.isAlphanumeric).map(\.lowercased)
    guard names.contains(String(decoding: name, as: UTF8.self)) else { return nil }
    var start = text.run(from: index + 1, limit: 4, { $0 == 0x20 })
    if text.byte(start) == UInt8(ascii: "\\") { start += 1 }
    let quote = text.byte(start).flatMap { $0 == 0x22 || $0 == 0x27 ? $0 : nil }
    if quote != nil { start += 1 }
    let end = text.run(from: start, limit: 512) { byte in
      quote.map { byte != $0 && byte != UInt8(ascii: "\\") }
        ?? (!byte.isSpace && !Array("&;,'\"}])>{[".utf8).contains(byte))
    }
    let plain = String(decoding: text.bytes(start..<end), as: UTF8.self)
    return end > start && !["null", "true", "false", "-"].contains(plain) ? start..<end : nil
  }

  /// `system:serviceaccount:NAMESPACE:NAME`, as Kubernetes calls those who act for it.
  private static func serviceAccount(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("system:serviceaccount:", at: index),
      !(text.byte(index - 1)?.isWord ?? false)
    else { return nil }
    let start = index + 22
    let end = text.run(from: start, limit: 512) {
      $0.isWordOrHyphen || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    return end > start ? start..<end : nil
  }

  /// `User "ann" cannot create …`, as Kubernetes' API refuses.
  private static func quotedUser(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("user \"", at: index), !(text.byte(index - 1)?.isWord ?? false) else {
      return nil
    }
    let end = text.run(from: index + 6, limit: 256) { $0 != 0x22 && $0 != 0x5c }
    return end > index + 6 && text.byte(end) == 0x22 ? (index + 6)..<end : nil
  }

  /// The session's name behind a masked `AROA…` or an `assumed-role/…/`.
  private static func session(_ text: Scannable, _ index: Int) -> Range<Int>? {
    let isBehindKey =
      text.byte(index) == UInt8(ascii: ":") && text.mask(at: index - 1) == MaskClass.awsKey.mask
    guard isBehindKey || text.matches("assumed-role/", at: index) else { return nil }
    let start = index + (isBehindKey ? 1 : 13)
    let end = text.run(from: start, limit: 256) {
      $0.isWordOrHyphen || Array("/.@=,+".utf8).contains($0)
    }
    return end > start ? start..<end : nil
  }
}
