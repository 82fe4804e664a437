internal import Foundation
internal import FoundationXML
internal import IncidentModel
import Testing

@testable internal import ReportWriting

extension AnalysisCase {
  /// The drawings, by their files' names.
  var drawings: [(name: String, text: String)] { files.filter { $0.name.hasSuffix(".svg") } }
}

/// An SVG as an XML parser reads it.
final class DrawingContent: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var texts: [String: [String]] = [:]
  private var open: [String] = []

  /// nil: it is not well formed.
  init?(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    elements.append((name, attributes))
    texts[name, default: []].append("")
    open.append(name)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    guard let name = open.last, let last = texts[name]?.indices.last else { return }
    texts[name]?[last] += string
  }

  func count(_ role: Drawing.Role) -> Int {
    elements.filter { $0.attributes["class"] == "fm-" + role.rawValue }.count
  }

  func path(_ role: Drawing.Role) -> String {
    elements.first {
      $0.name == "path" && $0.attributes["class"] == "fm-" + role.rawValue
    }?.attributes["d"] ?? ""
  }
}

/// What no drawing may hold, whatever the analysis says: anything but shapes and text.
func expectInert(_ text: String, _ name: String) throws {
  let content = try #require(DrawingContent(text), "\(name) is not well formed")
  let allowed: Set<String> = ["svg", "title", "desc", "style", "rect", "path", "text"]
  let attributes: Set<String> = [
    "xmlns", "class", "width", "height", "viewBox", "role", "aria-labelledby", "id", "x", "y", "d",
    "text-anchor",
  ]
  for element in content.elements {
    #expect(allowed.contains(element.name), "\(name): \(element.name)")
    #expect(attributes.isSuperset(of: element.attributes.keys), "\(name): \(element)")
  }
  #expect(content.texts["style"] == [ChartStyle.rules])
  #expect(!text.contains("url("))
  #expect(!text.contains("@import"))
}

@Suite struct DrawingTests {
  @Test func `the sample is drawn three times and each drawing is named`() throws {
    let sample = try #require(AnalysisCase.all.first)
    #expect(
      sample.drawings.map(\.name) == [
        "charts/capacity.svg", "charts/latency.svg", "charts/excess.svg",
      ])
    for drawing in sample.drawings {
      #expect(sample.markdown.contains("`\(drawing.name)`"), "\(drawing.name)")
    }
    let alone = markdown(SampleAnalysis.whole)
    #expect(!alone.contains("charts/"))
  }

  @Test(arguments: AnalysisCase.all)
  func `a drawing is shapes and text alone`(_ case: AnalysisCase) throws {
    for drawing in `case`.drawings {
      try expectInert(drawing.text, drawing.name)
      let content = try #require(DrawingContent(drawing.text))
      let root = try #require(content.elements.first)
      let stem = String(drawing.name.dropFirst("charts/".count).dropLast(".svg".count))
      #expect(root.attributes["role"] == "img")
      #expect(root.attributes["aria-labelledby"] == "\(stem)-title \(stem)-desc")
      #expect(content.texts["title"]?.first?.isEmpty == false)
      #expect(content.texts["desc"]?.first?.isEmpty == false)
      #expect(content.count(.background) == 1)
      #expect(!stem.contains { !"abcdefghijklmnopqrstuvwxyzI0123456789-".contains($0) })
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `numbers have two decimals at most and lie on the sheet`(_ case: AnalysisCase) throws {
    for drawing in `case`.drawings {
      let content = try #require(DrawingContent(drawing.text))
      for element in content.elements where ["rect", "path", "text"].contains(element.name) {
        for name in ["x", "y", "width", "height", "d"] {
          let words = (element.attributes[name] ?? "").split { "MLhzv ".contains($0) }
          for word in words {
            #expect(word.split(separator: ".").dropFirst().first?.count ?? 0 <= 2, "\(word)")
            let value = try #require(Double(word), "\(drawing.name): \(word)")
            #expect((-1...961).contains(value), "\(drawing.name): \(value)")
          }
        }
      }
    }
  }

  @Test func `labels of a panel do not stand in each other`() throws {
    for drawing in AnalysisCase.all.flatMap(\.drawings) {
      let content = try #require(DrawingContent(drawing.text))
      let places = content.elements.filter { $0.attributes["class"] == "fm-label" }.compactMap {
        element -> (x: Double, y: Double)? in
        guard let x = element.attributes["x"].flatMap(Double.init),
          let y = element.attributes["y"].flatMap(Double.init)
        else { return nil }
        return (x, y)
      }
      for (index, place) in places.enumerated() {
        for other in places[..<index] where other.x == place.x {
          #expect(abs(other.y - place.y) >= 12, "\(drawing.name): \(place.y)")
        }
      }
    }
  }

  @Test func `a drawing holds the events of its incident's place, and those of none`() throws {
    var analysis = SampleAnalysis.whole
    var other = try #require(analysis.capacity.first)
    other.group = "batch-asg"
    other.services = ["batch.example.com"]
    analysis.capacity.append(other)
    func mark(_ letter: String, service: String?, group: String?) {
      analysis.timeline.append(
        TimelineEntry(
          time: SampleAnalysis.at(18, 30), kind: .backoff, source: .capacity, service: service,
          group: group, text: "waits", evidence: SampleAnalysis.ids(9), mark: letter))
    }
    mark("U", service: nil, group: nil)
    mark("V", service: SampleAnalysis.service, group: nil)
    mark("W", service: nil, group: "shop-web")
    mark("X", service: "batch.example.com", group: nil)
    mark("Y", service: nil, group: "batch-asg")
    mark("Z", service: "batch.example.com", group: "batch-asg")
    let drawn = AnalysisCase("another service", analysis)
    let letters = try Set(
      drawn.drawings.filter { !$0.name.contains("excess") }.map { drawing in
        let content = try #require(DrawingContent(drawing.text))
        let texts = Set(content.texts["text"] ?? [])
        return "UVWXYZ".filter { texts.contains(String($0)) }
      })
    #expect(letters == ["UVW"])
    let legend = drawn.markdown.split(separator: "\n").first { $0.hasPrefix("events") } ?? ""
    #expect(legend.contains("U") && !legend.contains { "XYZ".contains($0) }, "\(legend)")
  }

  @Test func `a gap is drawn as one and not as zero`() throws {
    let gaps = try #require(AnalysisCase.all.first { $0.name == "gaps" })
    let whole = try #require(AnalysisCase.all.first)
    let (broken, unbroken) = (
      try #require(DrawingContent(gaps.drawings[0].text)),
      try #require(DrawingContent(whole.drawings[0].text))
    )
    #expect(broken.count(.gap) == 1)
    #expect(unbroken.count(.gap) == 0)
    #expect(unbroken.path(.ready).filter { $0 == "M" }.count == 1)
    #expect(broken.path(.ready).filter { $0 == "M" }.count == 2)
    #expect(broken.texts["text"]?.contains("no log") == true)
    let bars = unbroken.path(.failed).filter { $0 == "M" }.count
    #expect(broken.path(.failed).filter { $0 == "M" }.count == bars - 20)
  }

  @Test func `the picture's words are those of the report`() throws {
    let sample = try #require(AnalysisCase.all.first)
    let content = try #require(DrawingContent(sample.drawings[0].text))
    let words = try #require(content.texts["desc"]?.first)
    #expect(words.hasPrefix("20 instances at the peak: 35 needed, 15 ready. Without repeats: 10."))
    #expect(sample.markdown.contains("20 instances at the peak: 35 needed, 15 ready"))
    for figure in ["up to 35", "up to 25", "10 to 35", "10 to 27", "up to 56.6 %, first at 18:16"] {
      #expect(words.contains(figure), "\(figure) in \(words)")
    }
    let labels = try #require(content.texts["text"])
    #expect(labels.contains("needed, up to 35"))
    #expect(labels.contains("ready, 10–27"))
    #expect(labels.contains("failed, up to 56.6 %"))
  }

  @Test func `every series has a look of its own without colour`() {
    // A dash, a fill or a marker; lines of one panel differ in it.
    let looks: [Drawing.Role: String] = [
      .needed: "solid", .firstAttempts: "7 4", .wanted: "2 3", .serving: "9 3",
      .maximum: "14 4 2 4", .answered: "3 2", .rate: "solid",
    ]
    for (role, dash) in looks {
      let rule = ChartStyle.rules.split(separator: "\n").first {
        $0.hasPrefix(".fm-chart .fm-\(role.rawValue){")
      }
      #expect(rule?.contains("stroke-dasharray:\(dash)") == (dash != "solid"), "\(role)")
    }
    for role in Drawing.Role.allCases {
      #expect(ChartStyle.rules.contains(".fm-\(role.rawValue){"), "\(role)")
    }
  }

  @Test(arguments: [
    (0.0, "0"), (1.25, "1.25"), (-2.5, "-2.5"), (123.456, "123.46"), (7.1, "7.1"),
    (-0.001, "0"), (.infinity, "0"), (.nan, "0"),
  ])
  func `a coordinate is spelled with two decimals at most`(number: Double, text: String) {
    #expect(Drawing.spelled(number) == text)
  }

  @Test func `a scale's ticks are round, begin at 0 and reach the highest value`() {
    for highest in [0, 0.013, 0.4, 1, 7, 9.99, 10, 36, 57, 101, 26_500, 8_000_000.5] {
      for isWhole in [true, false] {
        let scale = Scale(upTo: highest, isWhole: isWhole)
        #expect(scale.ticks.first == 0)
        #expect(scale.top >= highest)
        #expect((2...6).contains(scale.ticks.count), "\(highest): \(scale.ticks)")
        let labels = scale.ticks.map { scale.label($0).text }
        #expect(Set(labels).count == labels.count, "\(labels)")
      }
    }
  }
}
