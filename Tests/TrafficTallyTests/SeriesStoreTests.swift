import Testing

@testable import TrafficTally

/// How the cells of a series lie in memory is nobody's business but its own.
struct SeriesStoreTests {
  /// Cells of a few services at the finest grain, each counted once or more.
  private func store(_ cells: Int, seed: UInt64, services: Int = 3) -> SeriesStore {
    var numbers = SeededNumbers(seed)
    var store = SeriesStore()
    for _ in 0..<cells {
      let service = Int.random(in: 2..<2 + services, using: &numbers)
      let time = UInt64.random(in: 0..<200_000, using: &numbers)
      store.countEnd(at: store.slot(SeriesStore.key(service, time)))
    }
    return store
  }

  private func services(_ count: Int) -> ServiceTable {
    var table = ServiceTable()
    for number in 0..<count {
      _ = table.intern(raw: "shop-\(number).example.com".utf8.span, isServerSet: true)
    }
    return table
  }

  private func rows(_ store: SeriesStore) -> [UInt64: Int32] {
    var rows: [UInt64: Int32] = [:]
    for slot in store.keys.indices { rows[store.keys[slot]] = store.cells[slot].inFlightChange }
    return rows
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `widening while another store is added ends where widening afterwards does`(seed: UInt64) {
    let table = services(3)
    let map = Array(0..<5)
    var others: [SeriesStore] = []
    for part in 0..<3 {
      var other = store(30_000, seed: seed * 10 + UInt64(part))
      other.sumUp(table)
      others.append(other)
    }
    for budget in [400_000, 2_000_000, 6_000_000, 20_000_000] {
      var atOnce = SeriesStore()
      var afterwards = SeriesStore()
      for other in others {
        atOnce.merge(other, map, table, budget: budget)
        atOnce.fit(budget, table)
        afterwards.merge(other, map, table)
        afterwards.fit(budget, table)
      }
      #expect(atOnce.level == afterwards.level, "seed \(seed), budget \(budget)")
      #expect(rows(atOnce) == rows(afterwards), "seed \(seed), budget \(budget)")
      #expect(atOnce.measure == afterwards.measure)
      #expect(atOnce.measure <= budget)
      #expect(Set(rows(atOnce).keys).count == atOnce.cells.count)
    }
  }

  private func latencies(_ requests: Int, seed: UInt64) -> LatencyStore {
    var numbers = SeededNumbers(seed)
    var store = LatencyStore()
    for _ in 0..<requests {
      let service = Int.random(in: 2..<5, using: &numbers)
      let minute = UInt64.random(in: 0..<3_000, using: &numbers) * 60
      let duration = Int64.random(in: 1_000..<200_000, using: &numbers)
      store.add(LatencyStore.key(service, minute), duration: duration)
    }
    return store
  }

  private func rows(_ store: LatencyStore) -> [UInt64: UInt32] {
    var rows: [UInt64: UInt32] = [:]
    store.table.visit { key, count in rows[key] = count }
    return rows
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `latencies too end where widening afterwards does`(seed: UInt64) {
    let table = services(3)
    let map = Array(0..<5)
    let others = (0..<3).map { latencies(12_000, seed: seed * 10 + $0) }
    for budget in [2_000, 30_000, 100_000, 1_000_000] {
      var atOnce = LatencyStore()
      var afterwards = LatencyStore()
      for other in others {
        atOnce.merge(other, map, table, budget: budget)
        afterwards.merge(other, map, table)
        afterwards.fit(budget, table)
      }
      #expect(atOnce.level == afterwards.level, "seed \(seed), budget \(budget)")
      #expect(rows(atOnce) == rows(afterwards), "seed \(seed), budget \(budget)")
      #expect(atOnce.measure == afterwards.measure)
      #expect(atOnce.measure <= budget)
    }
  }

  @Test func `a store that was widened takes no more room than what is left of it`() {
    let table = services(3)
    var store = store(90_000, seed: 5)
    let before = store.cells.capacity
    store.fit(1_000_000, table)
    #expect(store.cells.count * 96 <= 1_000_000)
    #expect(store.cells.capacity < before / 4)
    #expect(store.keys.capacity < before / 4)
    for slot in store.keys.indices { #expect(store.slot(store.keys[slot]) == slot) }
  }

  @Test func `a table that is filled beyond three quarters still finds everything`() {
    var table = SlotTable()
    let count = 880_000
    for number in 0..<count { table.insert(SlotTable.mark | UInt64(number) &* 977, slot: number) }
    #expect(table.count == count)
    var numbers = SeededNumbers(9)
    for _ in 0..<20_000 {
      let number = Int.random(in: 0..<count, using: &numbers)
      #expect(table.slot(of: SlotTable.mark | UInt64(number) &* 977) == number)
    }
    for number in count..<count + 2_000 {
      #expect(table.slot(of: SlotTable.mark | UInt64(number) &* 977) == -1)
    }
  }
}
