/// The one look of all drawings: colours of the Okabe–Ito set, a dash or shape of its own for each series (REPORT §2.3).
///
/// In a file of its own a drawing carries it; in a page the page does.
enum ChartStyle {
  static let rules =
    base + "@media screen and (prefers-color-scheme:dark){" + dark + "}"

  private static let base = """
    .fm-chart{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    .fm-chart text{fill:#1b1f24;font-size:12.5px}
    .fm-chart .fm-title{font-size:15px;font-weight:600}
    .fm-chart .fm-tick{fill:#50565e;font-size:12px}
    .fm-chart .fm-letter{font-size:12.5px;font-weight:700}
    .fm-chart path{fill:none;stroke-linejoin:round}
    .fm-chart .fm-bg{fill:#fff}
    .fm-chart .fm-grid{stroke:#dfe3e8;stroke-width:1}
    .fm-chart .fm-axis{stroke:#7a828c;stroke-width:1}
    .fm-chart .fm-gap{fill:#7a828c;fill-opacity:.18}
    .fm-chart .fm-shade{fill:#e69f00;fill-opacity:.1}
    .fm-chart .fm-event{stroke:#7a828c;stroke-width:1;stroke-dasharray:1 4}
    .fm-chart .fm-leader{stroke:#9aa1aa;stroke-width:1}
    .fm-chart .fm-needed{stroke:#0072b2;stroke-width:2.5}
    .fm-chart .fm-first{stroke:#0072b2;stroke-width:1.75;stroke-dasharray:7 4}
    .fm-chart .fm-ready{stroke:#009e73;stroke-width:2}
    .fm-chart .fm-ready-area{fill:#009e73;fill-opacity:.22}
    .fm-chart .fm-wanted{stroke:#1b1f24;stroke-width:2;stroke-dasharray:2 3}
    .fm-chart .fm-serving{stroke:#cc79a7;stroke-width:2;stroke-dasharray:9 3}
    .fm-chart .fm-maximum{stroke:#50565e;stroke-width:1.5;stroke-dasharray:14 4 2 4}
    .fm-chart .fm-answered{stroke:#009e73;stroke-width:2;stroke-dasharray:3 2}
    .fm-chart .fm-failed{fill:#d55e00}
    .fm-chart .fm-repeats{fill:#e69f00;stroke:#1b1f24;stroke-width:1}
    .fm-chart .fm-repeats-line{stroke:#1b1f24;stroke-width:1.25}
    .fm-chart .fm-latency{stroke:#d55e00;stroke-width:2.25}
    .fm-chart .fm-rate{stroke:#0072b2;stroke-width:2}
    .fm-chart .fm-excess{fill:#0072b2}
    .fm-chart .fm-baseline{fill:#fff;stroke:#50565e;stroke-width:1.25}
    .fm-chart .fm-whisker{stroke:#1b1f24;stroke-width:1.5}
    .fm-chart .fm-part1{fill:#0072b2}
    .fm-chart .fm-part2{fill:#e69f00}
    .fm-chart .fm-part3{fill:#009e73}

    """

  private static let dark = """
    .fm-chart text{fill:#e8eaed}
    .fm-chart .fm-tick{fill:#b4bac2}
    .fm-chart .fm-bg{fill:#15181c}
    .fm-chart .fm-grid{stroke:#31363d}
    .fm-chart .fm-event{stroke:#9aa1aa}
    .fm-chart .fm-leader{stroke:#6d747d}
    .fm-chart .fm-needed,.fm-chart .fm-first,.fm-chart .fm-rate{stroke:#56b4e9}
    .fm-chart .fm-wanted,.fm-chart .fm-repeats-line,.fm-chart .fm-whisker{stroke:#e8eaed}
    .fm-chart .fm-maximum{stroke:#b4bac2}
    .fm-chart .fm-repeats{stroke:#e8eaed}
    .fm-chart .fm-excess,.fm-chart .fm-part1{fill:#56b4e9}
    .fm-chart .fm-baseline{fill:#15181c;stroke:#b4bac2}

    """
}
