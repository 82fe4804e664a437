import Testing

@testable import ReportWriting

/// Arrays whose items are made while they are written.
struct JSONListTests {
  private static func item(_ index: Int) -> JSONValue {
    .object([
      ("number", .whole(index)), ("words", .array((0..<index % 4).map { .words("w\($0)") })),
      ("span", .object([("start", .null), ("end", .number(0.5))])),
      ("parts", .list(count: index % 3) { .object([("part", .whole($0))]) }),
    ])
  }

  @Test(arguments: [0, 1, 2, 7])
  func `a list is written as the array of its items`(count: Int) {
    let list = JSONValue.list(count: count, item: Self.item)
    let array = JSONValue.array((0..<count).map(Self.item))
    #expect(list.text == array.text)
    #expect(list.line == array.line)
    let inside = [list, array].map { JSONValue.object([("a", .whole(1)), ("items", $0)]).text }
    #expect(inside[0] == inside[1])
  }

  @Test func `each item is made once`() {
    var made: [Int] = []
    let list = JSONValue.list(count: 5) { index in
      made.append(index)
      return .object([("n", .whole(index))])
    }
    #expect(!list.text.isEmpty)
    #expect(made == [0, 1, 2, 3, 4])
  }
}
