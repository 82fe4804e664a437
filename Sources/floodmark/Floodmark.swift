internal import ArgumentParser
internal import Pipeline

@main
struct Floodmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "floodmark",
    abstract:
      "Writes the incident report of a capacity outage from its access and autoscaler logs.",
    discussion: """
      Run it once the outage is over, on the archives that it left behind: files and folders, \
      compressed or not, in any mixture. It finds out by content what each of them is. It never \
      goes to the network, but for 'attach', which goes to the ticket's server.

      EXAMPLES
        floodmark report logs/
        floodmark report logs/ --output incident/ --format markdown,json
        floodmark show incident/report.json E12 logs/
        kubectl logs -n kube-system deploy/cluster-autoscaler | floodmark inspect -

      EXIT CODES
        0    done
        1    could not; the message says why
        2    done, but part of the input was unreadable
        3    an incident was found (--fail-on-incident)
        64   wrong usage
        130  interrupted; nothing half-written is left
      """,
    version: toolVersion,
    subcommands: [
      ReportCommand.self, BatchCommand.self, ShowCommand.self, VerifyCommand.self, DiffCommand.self,
      TallyCommand.self, MergeCommand.self, InspectCommand.self, AttachCommand.self,
      FormatsCommand.self,
    ])

  static func main() async {
    StandardStreams.open()
    FreeMemory.keepSmall()
    await main(nil)
  }
}
