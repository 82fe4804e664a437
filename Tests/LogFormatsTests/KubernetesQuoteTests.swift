import Testing

@testable import LogFormats

/// What a report quotes of an event's object, whose members stand in the order of the alphabet.
struct KubernetesQuoteTests {
  private func quote(
    first: String = #""2018-07-16T18:02:30Z""#, count: Int = 1,
    last: String = "2018-07-16T18:02:30Z"
  ) throws -> String {
    let line =
      #"{"apiVersion":"v1","count":"#
      + "\(count),\"eventTime\":null,\"firstTimestamp\":\(first),"
      + #""involvedObject":{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","#
      + #""name":"web","namespace":"shop","resourceVersion":"9912345","#
      + #""uid":"0f3a91c2-7be4-4d8a-8f05-5d2c1f9f8a11"},"kind":"Event","lastTimestamp":"#
      + "\"\(last)\","
      + #""message":"New size: 16; reason: cpu resource utilization (percentage of request) above "#
      + #"target","metadata":{"name":"web.15421e7b9d3a5c80","namespace":"shop"},"#
      + #""reason":"SuccessfulRescale","type":"Normal"}"#
    let reading = CapacityReading(KubernetesEvents.self, [line])
    #expect(reading.reasons.isEmpty)
    return try #require(reading.texts.first)
  }

  @Test func `the new size stands in what a quote has room for`() throws {
    let text = try quote()
    #expect(text.prefix(110).contains("New size: 16"), "\(text)")
    #expect(text.contains("2018-07-16T18:02:30Z"))
  }

  @Test func `an event that came again quotes how often, and until when`() throws {
    let text = try quote(count: 4, last: "2018-07-16T18:09:00Z")
    #expect(text.contains(#""count":4"#) && text.contains("18:09:00Z"), "\(text)")
  }

  @Test func `the time of an event stands in its quote, wherever the object has it`() throws {
    let text = try quote(first: "null", last: "2018-07-16T18:03:00Z")
    #expect(text.contains("18:03:00Z"), "\(text)")
    #expect(text.contains("New size: 16"))
  }
}
