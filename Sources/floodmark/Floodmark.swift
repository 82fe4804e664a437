internal import ArgumentParser

@main
struct Floodmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "floodmark",
    abstract:
      "Writes the incident report of a capacity outage from its access and autoscaler logs.",
    version: toolVersion)

  func run() async throws {
    throw CleanExit.helpRequest(self)
  }
}
