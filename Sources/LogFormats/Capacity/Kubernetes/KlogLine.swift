internal import IncidentModel

/// What a line under the klog header, or of its JSON form, says.
struct KlogMessage {
  var bytes: [UInt8]
  /// The members of the JSON form; nil for text.
  var object: JSONObject?
  /// The source file that wrote the line, such as `horizontal.go`: no sign of what the line says, but of the program.
  var file: String
}

/// The lines of programs that log by klog: the cluster-autoscaler, the controller-manager and many others.
///
/// The header is `Lmmdd hh:mm:ss.uuuuuu PID file.go:line] `; it has no year and no zone. File
/// and line change with every release, so only the message counts. A line of another component
/// under the same header belongs to the format and tells nothing.
/// <https://kubernetes.io/docs/concepts/cluster-administration/system-logs/>
enum KlogLine {
  /// The facts of a line, whichever of the programs that scale wrote it: their logs are often one file.
  static func outcome(
    of record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    guard let (message, frame) = try read(record, in: context, memory: &memory) else {
      return .ignored
    }
    var events = AutoscalerMessage(message.bytes).events(frame, &memory)
    if events.isEmpty { events = HpaMessage(message).events(frame) }
    if events.isEmpty, let event = EventLine(message) { events = event.events(frame, &memory) }
    return events.isEmpty ? .ignored : .events(events)
  }

  /// The message alone; nil where the line has no header.
  static func message(of record: Span<UInt8>) -> KlogMessage? {
    if record.byte(at: 0) == UInt8(ascii: "{") {
      let object = try? JSONObject(record, naming: ["caller\"", "v\""], or: "no klog object")
      guard let object, let text = object.text("msg") else { return nil }
      return KlogMessage(bytes: text, object: object, file: file(object))
    }
    guard let head = try? header(record) else { return nil }
    return KlogMessage(
      bytes: copied(record.extracting(head.message..<record.count)), object: nil, file: head.file)
  }

  /// The message with its time; nil for lines that belong to the one before, and for the file's own head.
  private static func read(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> (KlogMessage, AutoscalerFrame)? {
    if record.byte(at: 0) == UInt8(ascii: "{") {
      return try readJSON(record, in: context, memory: &memory)
    }
    if record.holds("Log file created at: ", at: 0) {
      var clock = StampClock(zone: context.zone)
      var cursor = LineCursor(record, at: 21)
      memory.date = try cursor.isoTime(&clock)
      memory.hasRecord = true
      return nil
    }
    // A Go value that was printed over several lines, or the header that glog writes into a file.
    let isFurther =
      memory.hasRecord
      && (record.byte(at: 0) <= 0x20 || record.byte(at: 0) == UInt8(ascii: "}")
        || record.byte(at: 0) == UInt8(ascii: ")") || record.holds("goroutine ", at: 0)
        || record.holds("Running on machine: ", at: 0) || record.holds("Binary: ", at: 0)
        || record.holds("Log line format: ", at: 0))
    if isFurther { return nil }
    let head = try header(record)
    memory.hasRecord = true
    let message = copied(record.extracting(head.message..<record.count))
    let stated = context.date ?? memory.date
    var civil = head.civil
    if let stated { civil.year = nearestYear(civil, to: stated) }
    guard civil.isValid else { throw LineError("there is no such day", at: 1) }
    let frame = AutoscalerFrame(
      time: context.zone.instant(of: civil), lacksYear: stated == nil, context: context,
      text: clipped(record))
    if stated != nil { memory.date = frame.time }
    return (KlogMessage(bytes: message, object: nil, file: head.file), frame)
  }

  /// `{"ts":1531753862123.456,"caller":"file.go:123","msg":"…"}`: the stamp is a moment since 1970, by magnitude.
  private static func readJSON(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> (KlogMessage, AutoscalerFrame) {
    let reason: StaticString = "the object has no msg with its caller"
    let object = try JSONObject(record, naming: ["caller\"", "v\""], or: reason)
    guard let text = object.text("msg"), object["caller"] != nil || object["v"] != nil else {
      throw LineError(reason, at: 0)
    }
    guard let time = CapacityStamp.member(object["ts"], zone: context.zone) else {
      throw LineError("the line has no ts", at: object.member("ts")?.range.lowerBound ?? 0)
    }
    memory.date = time
    let frame = AutoscalerFrame(
      time: time, lacksYear: false, context: context, text: clipped(record))
    return (KlogMessage(bytes: text, object: object, file: file(object)), frame)
  }

  /// The stamp in the year 1972, which has a 29 February, and the place of the message.
  private static func header(
    _ line: Span<UInt8>
  ) throws(LineError) -> (civil: CivilTime, message: Int, file: String) {
    var cursor = LineCursor(line)
    switch cursor.next {
    case UInt8(ascii: "I"), UInt8(ascii: "W"), UInt8(ascii: "E"), UInt8(ascii: "F"): break
    default: throw cursor.failure("the klog header does not begin with I, W, E or F")
    }
    let hour = cursor.twoDigits(at: 6)
    let minute = cursor.twoDigits(at: 9)
    let second = cursor.twoDigits(at: 12)
    var civil = CivilTime(
      year: 1972, month: cursor.twoDigits(at: 1), day: cursor.twoDigits(at: 3), hour: hour,
      minute: minute, second: second)
    guard line.byte(at: 5) == UInt8(ascii: " "), line.byte(at: 8) == UInt8(ascii: ":"),
      line.byte(at: 11) == UInt8(ascii: ":"), civil.isValid
    else {
      if line.count < 14 { throw .cut(at: line.count) }
      throw LineError("the klog stamp is not one", at: 1)
    }
    cursor.position = 14
    civil.microsecond = Int(cursor.fractionMicroseconds())
    try cursor.blank("a blank behind the klog stamp is missing")
    _ = try cursor.decimal("the process number of the klog header is missing")
    try cursor.blank("a blank behind the process number is missing")
    let place = try cursor.take(until: UInt8(ascii: "]"), "the klog header has no bracket")
    guard place.count > 2, place.count <= 128 else {
      throw LineError("the klog header names no source line", at: place.lowerBound)
    }
    _ = cursor.skip(UInt8(ascii: " "))
    let file = copied(line.extracting(place)).prefix { $0 != UInt8(ascii: ":") }
    return (civil, cursor.position, Array(file).asText)
  }

  /// `podautoscaler/horizontal.go:881` without its folder and line.
  private static func file(_ object: JSONObject) -> String {
    let path = (object.string("caller") ?? "").tail(behind: "/")
    return path.firstIndex(of: ":").map { String(path[..<$0]) } ?? path
  }

  /// The year in which a stamp without one lies nearest to a moment: a turn of the year needs no other rule.
  static func nearestYear(_ civil: CivilTime, to moment: Instant) -> Int {
    let year = CivilTime(moment).year
    var best = year
    var least = Int64.max
    for candidate in year - 1...year + 1 {
      var trial = civil
      trial.year = candidate
      guard trial.isValid else { continue }
      let distance = abs(trial.instant().microseconds - moment.microseconds)
      if distance < least {
        least = distance
        best = candidate
      }
    }
    return best
  }
}
