/// The style sheet of `report.html`: for a desk, a phone, the dark and paper.
enum HTMLStyle {
  static let rules = base + phone + dark + paper + "\n" + ChartStyle.rules

  private static let base = """

    :root{color-scheme:light dark;--ink:#1b1f24;--soft:#50565e;--line:#d0d5db;--shade:#f3f5f7;--link:#0a5a94;--mark:#fff3c4}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:#fff;color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    main{max-width:68rem;margin:0 auto;padding:1rem 1.25rem 4rem}
    h1{font-size:1.6rem;line-height:1.25;margin:.6rem 0}
    h2{font-size:1.3rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
    h3{font-size:1.1rem;margin:1.6rem 0 .5rem}
    p,ul{margin:.6rem 0}
    a{color:var(--link)}
    a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
    code{background:var(--shade);border-radius:3px;padding:.05em .25em;overflow-wrap:anywhere;unicode-bidi:isolate}
    pre{background:var(--shade);padding:.75rem;overflow-x:auto;line-height:1.2}
    nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;font-size:.9rem}
    nav a{display:inline-block;padding:.25rem 0}
    table{border-collapse:collapse;width:100%;margin:.8rem 0;font-size:.93rem}
    th,td{border:1px solid var(--line);padding:.35rem .55rem;text-align:left;vertical-align:top}
    th{background:var(--shade);font-weight:600}
    .number{text-align:right;font-variant-numeric:tabular-nums}
    td.number{white-space:nowrap}
    .wide{overflow-x:auto}
    .chart svg{display:block;width:100%;height:auto;min-width:45rem}
    .chart{margin:.8rem 0}
    .proof{white-space:nowrap;font-size:.85em}
    details{margin:.8rem 0;border:1px solid var(--line);border-radius:4px;padding:.4rem .75rem}
    summary{cursor:pointer;font-weight:600;padding:.25rem 0}
    tr:target{background:var(--mark)}
    @media (min-width:44rem){.proofs td:nth-child(2){min-width:17rem} td:first-child:has(code){min-width:8rem}}

    """

  private static let phone = """
    @media screen and (max-width:44rem){
    main{padding:.5rem .8rem 3rem}
    h1{font-size:1.3rem}
    .stacked,.stacked tbody,.stacked tr,.stacked td{display:block;width:100%}
    .stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .stacked tr{border:1px solid var(--line);border-radius:4px;margin:.6rem 0;padding:.3rem .2rem}
    .stacked td{border:0;padding:.2rem .5rem}
    .stacked td.number{text-align:left;white-space:normal}
    .stacked td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.8rem}
    .stacked td:first-child{font-weight:600}
    .stacked td:first-child::before{content:none}
    .stacked td:empty{display:none}
    }

    """

  private static let dark = """
    @media screen and (prefers-color-scheme:dark){
    :root{--ink:#e8eaed;--soft:#b4bac2;--line:#3a4048;--shade:#20242a;--link:#7cc4f5;--mark:#4a4010}
    body{background:#15181c}
    }

    """

  /// What is folded on a screen stands open on paper.
  private static let paper = """
    @media print{
    @page{margin:16mm 14mm}
    body{font-size:10pt}
    main{max-width:none;padding:0}
    nav{display:none}
    a{color:inherit;text-decoration:none}
    h1{font-size:15pt;margin:0 0 .3rem}
    h2{font-size:12.5pt;margin:1rem 0 .3rem}
    h3{font-size:11pt;margin:.7rem 0 .2rem}
    h2,h3{break-after:avoid}
    p,ul,table,.chart{margin:.35rem 0}
    th,td{padding:.2rem .45rem}
    tr,.chart{break-inside:avoid}
    table{font-size:8.5pt}
    .wide{overflow:visible}
    .chart svg{min-width:0}
    details{border:0;padding:0}
    details::details-content{content-visibility:visible;block-size:auto;display:block}
    code,th,pre{background:none}
    }

    """
}
