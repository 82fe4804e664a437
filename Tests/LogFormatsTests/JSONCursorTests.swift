import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import LogFormats

struct JSONCursorTests {
  private func failure(_ text: String) -> LineError? {
    let bytes = Array(text.utf8)
    var cursor = JSONCursor(bytes.span)
    do throws(LineError) {
      try cursor.skip()
      try cursor.end()
      return nil
    } catch {
      return error
    }
  }

  private func unescaped(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    JSONCursor.unescape(bytes.span, 0..<bytes.count, into: &output)
    return output
  }

  @Test func `members of a flat line come as ranges in their order`() throws {
    let bytes = Array(
      #" {"status": 503, "a\"b":"x\ny","up":null,"in":{"k":[1,{}]},"t":true} "#.utf8)
    var cursor = JSONCursor(bytes.span)
    var seen: [String] = []
    try cursor.enterObject()
    while let key = try cursor.nextKey() {
      let isStatus = cursor.matches(key, "status")
      let value = try cursor.value()
      let shown =
        switch value {
        case .string(let text): "string\(text.hasEscapes)"
        case .number(let range): String(decoding: bytes[range], as: UTF8.self)
        case .boolean(let flag): "\(flag)"
        case .null: "null"
        case .object(let range), .array(let range): String(decoding: bytes[range], as: UTF8.self)
        }
      seen.append("\(isStatus ? "*" : "")\(shown)")
    }
    try cursor.end()
    #expect(seen == ["*503", "stringtrue", "null", #"{"k":[1,{}]}"#, "true"])
  }

  @Test(arguments: [
    #"{}"#, #"[]"#, #"[[],[{}],{"a":[]}]"#, #"-1.5e+10"#, #""\ud83d\ude00 \x41 \q""#, "\"a\tb\"",
    #"{"a":{"b":{"c":[1,2,{"d":null}]}},"e":false}"#,
  ])
  func accepts(text: String) {
    #expect(failure(text) == nil)
  }

  @Test(arguments: [
    (#"{"a" 1}"#, 5), (#"{"a":1 "b":2}"#, 7), (#"{"a":1,}"#, 7), (#"[1,]"#, 3), (#"{a:1}"#, 1),
    (#"[1}"#, 2), (#"{"a":"x"#, 7), (#"{"a":tru}"#, 5), (#"1."#, 2), (#"1e"#, 2), ("", 0),
    (#"{} x"#, 3), (#"{"a":[1,{"b":2]}"#, 14), ("-x", 1), (#"{"a":"#, 5),
  ])
  func refuses(text: String, column: Int) {
    #expect(failure(text)?.column == column)
  }

  @Test func `nesting is followed to its limit and refused beyond it`() {
    let limit = JSONCursor.depthLimit
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(failure(nested(limit)) == nil)
    #expect(failure(nested(limit + 1))?.column == limit)
    #expect(failure(String(repeating: #"{"a":"#, count: 10_000)) != nil)
  }

  @Test(arguments: [
    (#"a\u00e9\n\t\"\\\/"#, "aé\n\t\"\\/"), (#"\ud83d\ude00"#, "😀"), (#"\ud83dx"#, "\u{FFFD}x"),
    (#"\ude00"#, "\u{FFFD}"), (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\x41\x4"#, "A\\x4"),
    (#"\uZZZZ"#, "\\uZZZZ"), (#"\q\"#, "q\\"),
  ])
  func unescapes(text: String, words: String) {
    #expect(unescaped(text) == Array(words.utf8))
  }

  @Test func `an object is looked up by key and an inner text read as far as it goes`() throws {
    let text = Array(#"{"n":"12","f":7.0,"d":"{\"Zone\":\"us-east-1a\"...}","o":{"k":1}}"#.utf8)
    let object = try JSONObject(text.span)
    #expect(object.integer("n") == 12)
    #expect(object.integer("f") == 7)
    #expect(object.object("o")?.integer("k") == 1)
    #expect(JSONObject(lenient: object.text("d") ?? []).string("Zone") == "us-east-1a")
    let range = object.member("f")?.range ?? 0..<0
    #expect(String(decoding: text[range], as: UTF8.self) == #""f":7.0"#)
  }

  @Test func `mutated texts never crash, and what one pass takes the other takes`() {
    let seeds = [
      #"{"a":[1,2.5e3,{"b":"c\u0041\ud83d\ude00"}],"d":null,"e":true,"f":"{\"g\":1...}"}"#,
      #"[{"a":1},{"b":[[],{}]}]"#,
    ].map { Array($0.utf8) }
    let rounds = FuzzRounds("json", count: 2_000)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      let text = ByteMutation.mutated(
        seeds[round % seeds.count], with: seeds[numbers.below(seeds.count)], &numbers)
      rounds.keep(text)
      var cursor = JSONCursor(text.span)
      let isText = (try? cursor.skip()) != nil && (try? cursor.end()) != nil
      let object = try? JSONObject(text.span)
      if object != nil { #expect(isText, "\(rounds.words), round \(round)") }
      _ = JSONObject(lenient: text)
    }
  }
}
