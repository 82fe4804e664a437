internal import IncidentModel
internal import TrafficTally

/// Turns `--from 17:30` into a moment, where the inputs leave no doubt which.
enum WindowBounds {
  /// The options with times of day replaced by moments.
  static func resolve(
    _ options: AnalysisOptions, over view: TrafficView
  ) throws(RunError) -> AnalysisOptions {
    var resolved = options
    resolved.from = try resolve(options.from, over: view)
    resolved.to = try resolve(options.to, over: view)
    if case .moment(let from)? = resolved.from, case .moment(let to)? = resolved.to, to <= from {
      throw .emptyWindow
    }
    return resolved
  }

  private static func resolve(
    _ bound: WindowBound?, over view: TrafficView
  ) throws(RunError) -> WindowBound? {
    guard case .timeOfDay(let seconds)? = bound else { return bound }
    let access = view.inputs.filter { $0.kind == .access && !$0.isBaseline }
    guard let first = access.compactMap(\.first).min(), let last = access.compactMap(\.last).max()
    else { return nil }
    let day = floorDivide(first.seconds, 86_400)
    guard day == floorDivide(last.seconds, 86_400) else {
      throw .ambiguousDay(first: date(first), last: date(last))
    }
    return .moment(Instant(seconds: day * 86_400 + Int64(seconds)))
  }

  private static func date(_ moment: Instant) -> String {
    let civil = CivilTime(moment)
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(civil.year)-\(padded(civil.month))-\(padded(civil.day))"
  }
}
