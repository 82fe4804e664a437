/// Why tallies could not be used: the facts; the command words them.
package enum TallyProblem: Error, Hashable {
  /// Another version of the format, higher or lower than the one that is read here.
  case otherVersion(path: String, version: Int, known: Int)
  /// It was made with other tables of agents, latencies or widths.
  case otherTables(path: String)
  case damaged(path: String, offset: Int, what: String)
  case unreadable(path: String, reason: String)
  /// A path that was to be a tally is none.
  case notATally(path: String)
  /// Two were made with different settings; nil for `other` is this run itself. A value may be empty: the default.
  case mixed(path: String, value: String, other: String?, otherValue: String, option: String)
  /// Two hold the same requests; nil for `other` is what this run reads itself.
  case sharedMember(path: String, member: String, other: String?, otherMember: String)
  /// Two have inputs of one name and different content.
  case sameName(path: String, name: String, other: String?)
  /// A tally cannot tell what is normal and nothing else.
  case asBaseline(path: String)
}
