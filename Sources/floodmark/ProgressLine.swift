internal import Pipeline
internal import ReportWriting

/// One line on a terminal: `  43 %  1.2 of 2.8 GiB  1,240,000 lines/s  12 s left`.
struct ProgressLine {
  private let start = ContinuousClock.now

  /// The line, with what moves the cursor to its start and clears the rest.
  mutating func text(for reading: ReadMeter.Reading) -> String {
    let seconds = Self.seconds(since: start)
    var parts: [String] = []
    if reading.totalBytes > 0 {
      let share = min(1, Double(reading.bytes) / Double(reading.totalBytes))
      parts.append("\(Int(share * 100)) %")
      parts.append("\(Self.size(reading.bytes)) of \(Self.size(reading.totalBytes))")
      if seconds > 1, share > 0.01, share < 1 {
        parts.append("\(Int((seconds / share * (1 - share)).rounded(.up))) s left")
      }
    } else {
      parts.append(Self.size(reading.bytes))
    }
    if seconds > 0.5 {
      parts.append("\(TerminalText.count(Int(Double(reading.lines) / seconds))) lines/s")
    }
    return "\r\u{1B}[K" + parts.joined(separator: "  ")
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
  }

  private static func size(_ bytes: Int) -> String {
    let mebibytes = Double(bytes) / 1_048_576
    let (value, unit) = mebibytes >= 1_024 ? (mebibytes / 1_024, "GiB") : (mebibytes, "MiB")
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
