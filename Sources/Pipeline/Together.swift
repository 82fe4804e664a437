/// Works on many things, a few at a time, and collects what comes of each in the order in which they end.
func forEach<Item: Sendable, Result: Sendable>(
  _ items: [Item], atOnce: Int, work: @escaping @Sendable (Item) async -> Result,
  collect: (Result) -> Void
) async {
  await withTaskGroup(of: Result.self) { group in
    var waiting = items.makeIterator()
    for _ in 0..<max(1, atOnce) {
      guard let next = waiting.next() else { break }
      group.addTask { await work(next) }
    }
    while let result = await group.next() {
      collect(result)
      guard let next = waiting.next() else { continue }
      group.addTask { await work(next) }
    }
  }
}
