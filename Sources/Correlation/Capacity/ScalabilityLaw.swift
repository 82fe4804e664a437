internal import IncidentModel

/// The Universal Scalability Law, X(n) = λn ÷ (1 + α(n − 1) + βn(n − 1)), as a second view of what a group carries (METHODS §6; Gunther, Guerrilla Capacity Planning, 2007).
///
/// n ÷ X = (1 + α(n − 1) + βn(n − 1)) ÷ λ is linear in 1 ÷ λ, α ÷ λ and β ÷ λ: least squares over the median throughput of each size, with α, β ≥ 0
/// (of the four models with or without each the best that keeps to that). Told from 6 distinct sizes on and where R² of X is at least .9.
enum ScalabilityLaw {
  static let leastSizes = 6
  static let leastDetermination = 0.9

  /// From saturated minutes with a steady fleet: only there throughput is what the size can do.
  static func fit(
    _ minutes: [LoadMinute], baseline: Baseline
  ) -> CapacityAccount.Scalability? {
    var bySize: [Int: [Double]] = [:]
    for minute in minutes where minute.isSteady && minute.isCovered {
      guard let ready = minute.ready, ready >= 1, ready <= 1e6,
        InstanceCapacity.isSaturated(minute, baseline), let each = minute.workedPerInstance
      else { continue }
      bySize[Int(ready.rounded()), default: []].append(each * ready)
    }
    let points = bySize.sorted { $0.key < $1.key }.map { size, values in
      (size: Double(size), throughput: InstanceCapacity.median(values))
    }
    return fit(points)
  }

  /// The law through (size, throughput); nil where the sizes are too few or the law does not fit.
  static func fit(
    _ points: [(size: Double, throughput: Double)]
  ) -> CapacityAccount.Scalability? {
    let points = points.filter { $0.size >= 1 && $0.throughput > 0 }
    guard Set(points.map(\.size)).count >= leastSizes else { return nil }
    var best: (error: Double, law: CapacityAccount.Scalability)?
    for terms in [[0, 1, 2], [0, 1], [0, 2], [0]] {
      guard let law = solved(points, terms) else { continue }
      let error = points.reduce(0) { sum, point in
        let miss = point.throughput - throughput(of: point.size, law)
        return sum + miss * miss
      }
      if error < best?.error ?? .infinity { best = (error, law) }
    }
    guard var found = best else { return nil }
    let mean = points.reduce(0) { $0 + $1.throughput } / Double(points.count)
    let spread = points.reduce(0) { $0 + ($1.throughput - mean) * ($1.throughput - mean) }
    guard spread > 0 else { return nil }
    found.law.determination = max(0, 1 - found.error / spread)
    return found.law.determination >= leastDetermination ? found.law : nil
  }

  static func throughput(of size: Double, _ law: CapacityAccount.Scalability) -> Double {
    law.rate * size
      / (1 + law.contention * (size - 1) + law.coherence * size * (size - 1))
  }

  /// Least squares with some of the terms; nil where one comes out negative.
  private static func solved(
    _ points: [(size: Double, throughput: Double)], _ terms: [Int]
  ) -> CapacityAccount.Scalability? {
    func row(_ size: Double) -> [Double] {
      let all = [1, size - 1, size * (size - 1)]
      return terms.map { all[$0] }
    }
    let count = terms.count
    var matrix = Array(repeating: Array(repeating: 0.0, count: count + 1), count: count)
    for point in points {
      let values = row(point.size)
      let target = point.size / point.throughput
      // Errors of n ÷ X grow as 1 ÷ X does, relative to X they are alike.
      let weight = 1 / (target * target)
      for line in 0..<count {
        for column in 0..<count {
          matrix[line][column] += weight * values[line] * values[column]
        }
        matrix[line][count] += weight * values[line] * target
      }
    }
    guard let solution = eliminated(&matrix) else { return nil }
    var terms3 = [0.0, 0, 0]
    for (place, term) in terms.enumerated() { terms3[term] = solution[place] }
    guard terms3[0] > 0, terms3[1] >= 0, terms3[2] >= 0 else { return nil }
    return CapacityAccount.Scalability(
      rate: 1 / terms3[0], contention: terms3[1] / terms3[0], coherence: terms3[2] / terms3[0],
      determination: 0, sizes: Set(points.map(\.size)).count)
  }

  /// Gauss with the largest pivot; nil where the equations depend on each other.
  private static func eliminated(_ matrix: inout [[Double]]) -> [Double]? {
    let count = matrix.count
    for column in 0..<count {
      let pivot = (column..<count).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) }
      guard let pivot, abs(matrix[pivot][column]) > 1e-12 else { return nil }
      matrix.swapAt(column, pivot)
      for line in 0..<count where line != column {
        let factor = matrix[line][column] / matrix[column][column]
        for place in column...count { matrix[line][place] -= factor * matrix[column][place] }
      }
    }
    return (0..<count).map { matrix[$0][count] / matrix[$0][$0] }
  }
}
