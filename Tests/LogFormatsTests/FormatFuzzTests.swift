import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import LogFormats

/// Bytes that are wrong in every way: no format, wrapper, splitter or detection may crash on them.
///
/// The formats come from the registry and their lines from the scripts, so a new format is tried without a word here.
@Suite struct FormatFuzzTests {
  /// What the scripts hold, by format.
  static let lines: [String: [[UInt8]]] = {
    let names = FormatRegistry.access.map { $0.name } + FormatRegistry.capacity.map { $0.name }
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        let script = try? FormatScript(named: name)
        return (name, (script?.acceptedLines ?? []) + (script?.documents ?? []))
      })
  }()

  static let allLines = lines.sorted { $0.key < $1.key }.flatMap(\.value)

  /// Shapes that no script holds.
  static let extras = [
    "time,kind,group,from,to", "2018-07-16T18:02:30Z,scale_out,web,999999999999,-1", "# 2018-07-16",
    "alice  5:46 PM", #"{"ts":"1531763160.000200","text":"out of capacity"}"#,
    "I0716 18:02:30.975037 1 a.go:1] Decreasing size of g, expected=999999999 current=0 delta=-9",
    "W0229 23:59:60.999999 1 a.go:1] Disabling scale-up for node group g until 2019-01-01 00:00:00 "
      + "+0000 UTC",
    "#Fields: date time cs-uri-stem sc-status", "#Fields:", "#Software: x",
  ].map { Array($0.utf8) }

  static func any(_ numbers: inout FuzzNumbers) -> [UInt8] {
    numbers.below(20) == 0
      ? extras[numbers.below(extras.count)] : allLines[numbers.below(allLines.count)]
  }

  @Test(arguments: FormatRegistry.access.map { $0.name })
  func `a mutated line is accepted or refused`(_ name: String) throws {
    let format = try #require(FormatRegistry.access(named: name))
    let lines = try #require(Self.lines[name])
    let rounds = FuzzRounds(name, count: 150)
    var numbers = FuzzNumbers(seed: rounds.seed)
    var context = AccessContext()
    for line in lines where line.first == UInt8(ascii: "#") { context.directives.note(line.span) }
    for round in 0..<rounds.count {
      let bytes = ByteMutation.mutated(
        lines[round % lines.count], with: Self.any(&numbers), &numbers)
      rounds.keep(bytes)
      if bytes.first == UInt8(ascii: "#") {
        context.directives.note(bytes.span)
        continue
      }
      var record = AccessRecord()
      context.scratch.removeAll()
      context.isDetecting = round % 2 == 0
      do throws(LineError) {
        try format.parse(bytes.span, in: &context, into: &record)
        // Every range must lie within its buffer, or this traps.
        for key in ["client", "method", "path", "service", "agent", "referrer", "user", "id"] {
          let value = FormatText.value(
            of: key, in: record, line: bytes.span, scratch: context.scratch.span)
          #expect(value != nil)
        }
        let isPlausible = record.status == 0 || (100...999).contains(record.status)
        #expect(isPlausible && record.duration >= -1, "\(rounds.words), round \(round)")
      } catch {
        let isInside = error.column >= 0 && error.column <= bytes.count
        #expect(isInside, "\(rounds.words), round \(round): \(error.reason)")
      }
    }
  }

  @Test(arguments: FormatRegistry.capacity.map { $0.name })
  func `mutated facts never crash, and what is told is bounded`(_ name: String) throws {
    guard case .capacity(let format)? = FormatRegistry.format(named: name) else { return }
    let own = try #require(Self.lines[name])
    let rounds = FuzzRounds(name, count: 40)
    var numbers = FuzzNumbers(seed: rounds.seed)
    for round in 0..<rounds.count {
      let lines = (0..<4).map { index in
        let from = index == 3 ? Self.any(&numbers) : own[numbers.below(own.count)]
        return ByteMutation.mutated(from, with: Self.any(&numbers), &numbers)
      }
      rounds.keep(Array(lines.joined(separator: [10])))
      let reading = CapacityReading(format, lines)
      let isBounded = reading.events.allSatisfy {
        $0.text.bytes.count <= 1_024 && (1...1_000_000).contains($0.count)
          && $0.kind == $0.kind.bounded
      }
      #expect(isBounded, "\(rounds.words), round \(round)")
      for line in lines { _ = format.isUnmistakable(line.span, envelope: "") }
    }
  }

  /// A wrapper's own shape around a line; a new wrapper must be added here to compile.
  private static func wrapped(_ line: [UInt8], in wrapper: Wrapper) -> [UInt8] {
    let front =
      switch wrapper {
      case .cri: "2024-03-05T14:03:22.413656027Z stdout P "
      case .json: #"{"stream":"stderr","log":""#
      case .cell: #""2024-03-05T14:03:22Z",web-1,""#
      case .compose: "\u{1B}[2Kweb-1  | "
      case .pod: "[pod/shop-web-7d9f8b6c5-x2x4z/nginx] "
      case .syslog: "218 <171>1 2024-03-05T14:03:22Z lb-1 nginx 31 - [x@1 a=\"b\\]\"] \u{FEFF}"
      case .tagged: "frontend.0 nginx[31]: "
      case .labelled: #"2024-03-05T14:03:22Z {app="web", pod="web \"1\""} "#
      case .stamped: "2024-03-05T14:03:22.413656027+01:00 "
      case .tailed: "2024-03-05T14:03:22.413000+00:00 web/nginx/0123abcd "
      }
    if wrapper == .cell {
      let doubled = line.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }
      return Array(front.utf8) + doubled + Array("\"".utf8)
    }
    if wrapper != .json { return Array(front.utf8) + line }
    let escaped = line.flatMap { $0 == 0x22 || $0 == 0x5C ? [0x5C, $0] : [$0] }
    return Array(front.utf8) + escaped + Array(#"\n","time":"2024-03-05T14:03:22.2Z"}"#.utf8)
  }

  @Test(arguments: Wrapper.allCases.map(\.rawValue))
  func `a mutated wrapper gives a part of its line`(_ name: String) throws {
    let wrapper = try #require(Wrapper(rawValue: name))
    let rounds = FuzzRounds("wrapper-\(name)", count: 150)
    var numbers = FuzzNumbers(seed: rounds.seed)
    var stack = WrapperStack([wrapper, Wrapper.allCases[numbers.below(Wrapper.allCases.count)]])
    for round in 0..<rounds.count {
      let whole = Self.wrapped(Self.any(&numbers), in: wrapper)
      let bytes = ByteMutation.mutated(whole, with: Self.any(&numbers), &numbers)
      rounds.keep(bytes)
      if let inner = wrapper.inner(of: bytes.span) {
        let isInside = inner.range.lowerBound >= 0 && inner.range.upperBound <= bytes.count
        #expect(isInside, "\(rounds.words), round \(round)")
      }
      if case .range(let range) = stack.unwrap(bytes.span, number: round + 1, offset: round) {
        #expect(range.upperBound <= bytes.count, "\(rounds.words), round \(round)")
      }
    }
    for piece in stack.finish() { #expect(stack.inside(piece).count <= 2 << 20) }
  }
}
