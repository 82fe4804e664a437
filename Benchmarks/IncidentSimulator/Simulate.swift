import ArgumentParser

@main
struct Floodmark: ParsableCommand {
  func run() throws {}
}
