internal import FloodmarkTestSupport
internal import FoundationEssentials
import Testing

@testable internal import ReportWriting

/// Where the pages for a browser are written; set by `make browser-test` alone.
private let pageFolder = ProcessInfo.processInfo.environment["FLOODMARK_PAGES"]
private let browser = ProcessInfo.processInfo.environment["CHROMIUM"] ?? "/usr/bin/chromium"

/// The pages in the renderer for which they are made.
@Suite(.enabled(if: pageFolder != nil), .serialized) struct BrowserTests {
  /// Writes a case's files and tells their folder.
  private static func written(_ case: AnalysisCase) throws -> String {
    let name = `case`.name.replacing(" ", with: "-").replacing(",", with: "")
    let folder = try #require(pageFolder) + "/" + name
    for file in `case`.files { try write(Array(file.text.utf8), to: folder + "/" + file.name) }
    return folder
  }

  /// Runs the browser without a way out of the machine and returns its standard output.
  private static func browse(_ options: [String], _ path: String) throws -> String {
    let place = try TemporaryFolder()
    let done = try run(
      "/usr/bin/timeout",
      [
        "90", browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--user-data-dir=" + place.path, "--host-resolver-rules=MAP * ~NOTFOUND",
        "--disable-background-networking", "--no-first-run",
      ] + options + ["file://" + path])
    #expect(done.exitCode == 0, "\(done.errorText.suffix(400))")
    return done.outputText
  }

  /// What the browser tried to load, but for what it asks its maker on its own account.
  private static func requests(_ log: String) throws -> Set<String> {
    let text = String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self)
    return Set(
      text.split(separator: "\"url\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        .filter { url in
          !["google.com/", "googleapis.com/", "gvt1.com/"].contains { url.contains($0) }
            && !url.hasPrefix("file:")
        })
  }

  private static func elements(_ html: String) -> [String: Int] {
    PageMarkup(html).tags.filter { !$0.isEnd }.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
  }

  @Test(arguments: AnalysisCase.all + HostileReport.all)
  func `a browser finds the elements that were written and asks for nothing`(
    _ case: AnalysisCase
  ) throws {
    let folder = try Self.written(`case`)
    let log = folder + "/network.json"
    let seen = try Self.browse(
      ["--log-net-log=" + log, "--dump-dom"], folder + "/report.html")
    let source = try `case`.file("report.html")
    #expect(Self.elements(seen) == Self.elements(source))
    #expect(PageMarkup(seen).faults.isEmpty)
    #expect(try Self.requests(log).isEmpty)
  }

  @Test func `a page that loads something is told from one that does not`() throws {
    let folder = try #require(pageFolder) + "/control"
    try write(
      Array("<p>x<img src=\"http://evil.example/beacon.png\"><script>1</script>".utf8),
      to: folder + "/report.html")
    let log = folder + "/network.json"
    let seen = try Self.browse(["--log-net-log=" + log, "--dump-dom"], folder + "/report.html")
    #expect(try Self.requests(log).contains("http://evil.example/beacon.png"))
    #expect(!PageMarkup(seen).faults.isEmpty)
  }

  /// Looks at a page from a frame: its width on a phone, its contrast, and whether a proof's link opens what is folded.
  private static let frame = """
    <!DOCTYPE html><meta charset="utf-8"><iframe id="f" src="report.html" width="390" height="844"></iframe><pre id="o"></pre>
    <script>
    const f=document.getElementById('f');
    f.onload=()=>{
      const d=f.contentDocument, w=f.contentWindow, out=[];
      for(const n of [320,390,700,1200]){f.width=n; out.push('width '+n+' '+d.documentElement.scrollWidth);}
      const part=x=>{x/=255; return x<=.04045?x/12.92:((x+.055)/1.055)**2.4};
      const light=c=>{const v=c.match(/[\\d.]+/g).map(Number); return [.2126*part(v[0])+.7152*part(v[1])+.0722*part(v[2]), v.length>3?v[3]:1]};
      const ground=e=>{for(;e;e=e.parentElement){const [l,a]=light(w.getComputedStyle(e).backgroundColor); if(a>0) return l;} return 1;};
      let least=99;
      d.querySelectorAll('body *').forEach(e=>{
        if(e.closest('svg')||![...e.childNodes].some(n=>n.nodeType==3&&n.data.trim())) return;
        const a=light(w.getComputedStyle(e).color)[0], b=ground(e);
        least=Math.min(least,(Math.max(a,b)+.05)/(Math.min(a,b)+.05));
      });
      out.push('contrast '+(least>=4.5));
      const proof=d.querySelector('a.proof');
      w.location.hash=proof.getAttribute('href');
      setTimeout(()=>{
        const row=d.querySelector(proof.getAttribute('href'));
        out.push('open '+row.closest('details').open+' '+(row.getBoundingClientRect().height>0));
        document.getElementById('o').textContent=out.join('\\n');
      },300);
    };
    </script>
    """

  @Test(arguments: ["light", "dark"])
  func `a page fits a phone, can be read, and its proofs lead to their lines`(
    scheme: String
  ) throws {
    for `case` in [AnalysisCase.all[0], HostileReport.all[0]] {
      let folder = try Self.written(`case`)
      try write(Array(Self.frame.utf8), to: folder + "/frame.html")
      let options = scheme == "dark" ? ["--blink-settings=preferredColorScheme=0"] : []
      let seen = try Self.browse(
        options + [
          "--allow-file-access-from-files", "--virtual-time-budget=5000", "--dump-dom",
        ], folder + "/frame.html")
      for line in [
        "width 320 320", "width 390 390", "width 1200 1200", "contrast true", "open true true",
      ] {
        #expect(seen.contains(line), "\(`case`.name): \(line)")
      }
    }
  }

  /// Where axe-core lies; set by `make browser-test` where it could be had.
  private static let axe = ProcessInfo.processInfo.environment["FLOODMARK_AXE"]

  @Test(.enabled(if: axe != nil), arguments: ["light", "dark"])
  func `a checker of accessibility has nothing to say`(scheme: String) throws {
    let script = try Data(contentsOf: URL(filePath: try #require(Self.axe)))
    for `case` in [AnalysisCase.all[0], HostileReport.all[0]] {
      let folder = try Self.written(`case`)
      try write(Array(script), to: folder + "/axe.js")
      // The page itself allows no script.
      let page = try `case`.file("report.html").replacing(
        /<meta http-equiv="Content-Security-Policy"[^>]*>/, with: "")
      let check = """
        <pre id="told"></pre><script src="axe.js"></script><script>
        axe.run({exclude:[['#told']]}).then(r=>{document.getElementById('told').textContent=
        'passes '+(r.passes.length>10)+' '+r.violations.map(v=>v.id+': '+v.nodes.length+' '+v.nodes[0].target).join('; ')+' end';});
        </script></body>
        """
      try write(
        Array(page.replacing("</body>", with: check).utf8), to: folder + "/axe-\(scheme).html")
      let options = scheme == "dark" ? ["--blink-settings=preferredColorScheme=0"] : []
      let seen = try Self.browse(
        options + [
          "--allow-file-access-from-files", "--virtual-time-budget=60000", "--dump-dom",
        ], folder + "/axe-\(scheme).html")
      let told = seen.split(separator: "<pre id=\"told\">").last?.prefix { $0 != "<" } ?? ""
      #expect(told == "passes true  end", "\(`case`.name)")
    }
  }

  @Test func `pictures of pages are taken for a look`() throws {
    let folder = try Self.written(AnalysisCase.all[0])
    for (name, size) in [("desk", "1200,3000"), ("phone", "390,3000")] {
      let picture = folder + "/\(name).png"
      _ = try Self.browse(
        ["--window-size=" + size, "--screenshot=" + picture], folder + "/report.html")
      let bytes = try Data(contentsOf: URL(filePath: picture))
      #expect(bytes.count > 50_000)
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `each drawing becomes pixels`(_ case: AnalysisCase) throws {
    let folder = try Self.written(`case`)
    for drawing in `case`.drawings.prefix(3) {
      let picture = folder + "/" + drawing.name + ".png"
      let done = try run(
        "/usr/bin/rsvg-convert", [folder + "/" + drawing.name, "-o", picture])
      #expect(done.exitCode == 0, "\(done.errorText)")
      #expect(try Data(contentsOf: URL(filePath: picture)).count > 8_000)
    }
  }

  @Test func `a checker of HTML has nothing to say`() throws {
    for `case` in [AnalysisCase.all[0]] + HostileReport.all {
      let folder = try Self.written(`case`)
      let told = try run(
        "/usr/bin/tidy", ["-e", "-q", "--show-info", "no", folder + "/report.html"])
      // It does not know that the title within an SVG may have an id.
      let left = told.errorText.split(separator: "\n").filter {
        !$0.hasSuffix("<title> proprietary attribute \"id\"")
      }
      #expect(left.isEmpty, "\(`case`.name): \(left.prefix(5))")
    }
  }
}
