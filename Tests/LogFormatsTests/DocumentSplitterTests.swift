import IncidentModel
import Testing

@testable import LogFormats

private func split(_ text: String, width: Int = .max) -> [DocumentSplitter.Piece] {
  let bytes = Array(text.utf8)
  var splitter = DocumentSplitter(envelopes: ["Activities", "items"])
  var pieces: [DocumentSplitter.Piece] = []
  var start = 0
  while start < bytes.count {
    let end = start + min(width, bytes.count - start)
    pieces += splitter.consume(bytes.span.extracting(start..<end))
    start = end
  }
  return pieces + splitter.finish()
}

private func texts(_ pieces: [DocumentSplitter.Piece]) -> [String] {
  pieces.map { String(decoding: $0.bytes, as: UTF8.self) }
}

@Suite struct DocumentSplitterTests {
  @Test func `an array under a known key gives its objects`() {
    let pieces = split(
      """
      {
        "Next": {"a": [1, {"b": 2}]},
        "Activities": [
          {"id": 1, "text": "a } ] \\" b"},
          {"id": 2, "inner": {"items": [{"x": 1}]}}
        ],
        "More": [{"c": 3}],
        "items": [{"id": 3}]
      }
      """)
    #expect(
      texts(pieces) == [
        #"{"id": 1, "text": "a } ] \" b"}"#, #"{"id": 2, "inner": {"items": [{"x": 1}]}}"#,
        #"{"id": 3}"#,
      ])
    #expect(pieces.map(\.envelope) == ["Activities", "Activities", "items"])
    #expect(pieces.map(\.line) == [4, 5, 8])
    #expect(pieces.map(\.fault) == [nil, nil, nil])
  }

  @Test func `offsets name the first byte of an object`() {
    let text = "[ {\"a\": 1},\n{\"b\": 2}]"
    let bytes = Array(text.utf8)
    for piece in split(text) {
      let range = piece.offset..<piece.offset + piece.bytes.count
      #expect(Array(bytes[range]) == piece.bytes)
    }
  }

  @Test func `documents may follow each other`() {
    let pieces = split("{\"a\": 1}{\"b\":\n 2} [{\"c\": 3}]\n{\"Activities\": []}{\"d\": 4}")
    #expect(
      texts(pieces) == ["{\"a\": 1}", "{\"b\":\n 2}", "{\"c\": 3}", "{\"d\": 4}"])
  }

  @Test func `what was complete before the end is kept`() {
    let pieces = split("{\"Activities\": [{\"a\": 1}, {\"b\": ")
    #expect(texts(pieces) == ["{\"a\": 1}", "{\"b\": "])
    #expect(pieces.map(\.fault) == [nil, .cut])
    #expect(split("{\"Activities\": [{\"a\": 1}").map(\.fault) == [nil, .cut])
  }

  @Test func `text around objects is told line by line`() {
    let pieces = split("warning: x\nsecond \"line\n{\"a\": 1}\nend")
    #expect(pieces.map(\.fault) == [.noObject, .noObject, nil, .noObject])
    #expect(texts(pieces)[2] == "{\"a\": 1}")
    #expect(pieces.map(\.line) == [1, 2, 3, 4])
  }

  @Test func `brackets that don't match spoil one object`() {
    let pieces = split("{\"a\": [1}\n{\"b\": 2}")
    #expect(pieces.first?.fault == .badNesting)
    #expect(pieces.last?.fault == nil)
    #expect(texts(pieces).last == "{\"b\": 2}")
  }

  @Test func `an object over the limit is rejected and the next one is read`() {
    let long = String(repeating: "x", count: DocumentSplitter.maximumBytes)
    let pieces = split("[{\"a\": \"\(long)\"}, {\"b\": 2}]")
    #expect(pieces.map(\.fault) == [.tooLong, nil])
    let deep = String(repeating: "[", count: 100_000)
    #expect(split("{\"a\": \(deep)").contains { $0.fault == .badNesting })
  }

  @Test func `any width of blocks gives the same objects`() {
    let text = "x\n{\"Activities\": [{\"a\": \"\\\\\\\"\"}, {\"b\": {}}]}\n[{\"c\": 3}]{\"d\": 1"
    let whole = split(text)
    #expect(whole.count == 5)
    for width in 1...text.utf8.count { #expect(split(text, width: width) == whole) }
  }

  @Test(arguments: [
    ("{\"Activities\": [{\"a\": 1}]}", true), ("{\"a\": 1}\n{\"b\": 2}", false),
    ("{\n \"a\": 1\n}", true), ("[{\"a\": 1}]", true), ("[10/Oct/2000:13:55:36] x", false),
    ("{\"a\": 1\n{\"b\": 2}\n", false), ("  \n{\"a\":\n1}", true), ("{\"a\": 1", false),
    ("text", false), ("", false), ("\u{FEFF}[\n  {\n", true),
  ]) func isDocument(_ text: String, _ expected: Bool) {
    // The only known envelope here is the one that a capacity format declares.
    if text.contains("Activities"), !DocumentSplitter.knownEnvelopes.contains("Activities") {
      return
    }
    #expect(DocumentSplitter.isDocument(Array(text.utf8).span) == expected)
  }

  @Test func `requests in a document are read like requests in lines`() {
    let objects = (0..<5).map { index in
      """
      {
        "time": "2024-03-05T14:03:2\(index)Z",
        "status": \(index == 3 ? "\"no\"" : "200")
      }
      """
    }
    let text = "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    let (end, sink) = readMember(text)
    #expect(end.format == "json-lines")
    #expect(sink.records == 4)
    #expect(sink.rejected.count == 1)
    #expect(end.lines == 5)
    for width in 1...text.utf8.count {
      #expect(readMember(text, width: width).sink.told == sink.told, "width \(width)")
    }
  }
}
