/// What the simulated shop serves: every page, asset and call, built once.
package struct Site: Sendable {
  /// What kind of thing is asked for.
  package enum Sort: UInt8, Sendable {
    case page, call, asset, health, export, poll
  }

  /// One address of the site.
  package struct Resource: Sendable {
    package var method: String
    package var path: String
    package var sort: Sort
    /// Bytes of a good answer.
    package var bytes: Int
    /// Median time that an idle instance takes, in milliseconds.
    package var milliseconds: Double

    /// What stands before the question mark and behind it; `-` where there is none.
    var parts: (page: String, query: String) {
      let parts = path.split(separator: "?", maxSplits: 1)
      return ("\(parts.first ?? "/")", parts.count > 1 ? "\(parts[1])" : "-")
    }
  }

  package private(set) var resources: [Resource] = []
  /// The host that serves it.
  package let host: String
  private var pageChoice = WeightedChoice(weights: [1])
  private var pageSections: [Range<Int>] = []
  private var sectionChoices: [WeightedChoice] = []
  private var assets: Range<Int> = 0..<0
  private var pictures: Range<Int> = 0..<0
  package private(set) var health = 0
  private var exports: Range<Int> = 0..<0
  private var polls: Range<Int> = 0..<0

  /// - Parameter variety: how many different products, searches and carts exist, 1 for all.
  package init(host: String, variety: Double = 1) {
    self.host = host
    func many(_ count: Int) -> Int { max(4, Int(Double(count) * variety)) }
    var weights: [Double] = []
    func section(
      _ weight: Double, _ method: String, _ sort: Sort, milliseconds: Double, zipf: Double,
      count: Int, path: (Int) -> String, bytes: (Int) -> Int
    ) {
      let first = resources.count
      for index in 0..<count {
        resources.append(
          Resource(
            method: method, path: path(index), sort: sort, bytes: bytes(index),
            milliseconds: milliseconds))
      }
      weights.append(weight)
      pageSections.append(first..<resources.count)
      sectionChoices.append(WeightedChoice(zipf: count, exponent: zipf, shift: 2))
    }
    let words = ["lamp", "tent", "shoes", "kettle", "router", "puzzle", "jacket", "drill", "sofa"]
    section(0.30, "GET", .page, milliseconds: 45, zipf: 1, count: 1) { _ in
      "/deals"
    } bytes: { _ in
      18_233
    }
    section(0.16, "GET", .page, milliseconds: 30, zipf: 1, count: 1) { _ in
      "/"
    } bytes: { _ in
      9_412
    }
    section(0.20, "GET", .page, milliseconds: 55, zipf: 1.05, count: many(1200)) {
      "/product/\(10_000 + $0 * 7)"
    } bytes: {
      11_000 + $0 * 37 % 4_096
    }
    section(0.10, "GET", .page, milliseconds: 80, zipf: 0.9, count: many(160)) {
      "/search?q=\(words[$0 % words.count])+\($0 / words.count)"
    } bytes: {
      7_000 + $0 * 53 % 2_048
    }
    section(0.12, "GET", .call, milliseconds: 35, zipf: 0.9, count: many(400)) {
      "/api/offers?id=\(700 + $0)"
    } bytes: {
      640 + $0 * 11 % 256
    }
    section(0.12, "POST", .call, milliseconds: 120, zipf: 0.2, count: many(900)) {
      "/api/checkout?cart=\(String(($0 + 4_096) * 40_503 % 1_048_576, radix: 16))"
    } bytes: { _ in
      318
    }
    pageChoice = WeightedChoice(weights: weights)
    addAssets(pictures: many(300))
  }

  private mutating func addAssets(pictures count: Int) {
    func add(_ paths: [String], _ sort: Sort, _ milliseconds: Double, bytes: (Int) -> Int)
      -> Range<Int>
    {
      let first = resources.count
      for (index, path) in paths.enumerated() {
        resources.append(
          Resource(
            method: "GET", path: path, sort: sort, bytes: bytes(index),
            milliseconds: milliseconds))
      }
      return first..<resources.count
    }
    let shared = ["app.7f3c1.css", "app.7f3c1.js", "vendor.02d9e.js", "logo.svg", "icons.woff2"]
    assets = add(shared.map { "/static/\($0)" }, .asset, 6) { 4_096 * ($0 + 2) + 311 }
    pictures = add((0..<count).map { "/img/p/\(10_000 + $0 * 7).jpg" }, .asset, 8) {
      9_000 + $0 * 97 % 8_192
    }
    health = add(["/healthz"], .health, 1) { _ in 2 }.lowerBound
    exports = add((0..<200).map { "/export/orders?page=\($0 + 1)" }, .export, 90) { 22_000 + $0 }
    polls = add((0..<40).map { "/api/status?device=\(9_000 + $0)" }, .poll, 12) { _ in 87 }
  }

  /// The pages of a section; empty for a number that no section has.
  func section(_ number: Int) -> Range<Int> {
    pageSections.indices.contains(number) ? pageSections[number] : 0..<0
  }

  func drawPage(_ dice: inout Dice) -> Int {
    let section = pageChoice.draw(&dice)
    return pageSections[section].lowerBound + sectionChoices[section].draw(&dice)
  }

  func drawAsset(_ dice: inout Dice) -> Int {
    dice.chance(0.6)
      ? assets.lowerBound + dice.below(assets.count)
      : pictures.lowerBound + dice.below(pictures.count)
  }

  func exportPage(_ number: Int) -> Int { exports.lowerBound + number % exports.count }
  func poll(_ number: Int) -> Int { polls.lowerBound + number % polls.count }
}
