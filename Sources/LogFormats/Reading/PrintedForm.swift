internal import IncidentModel

/// What a tool printed for the eye, of which it also has a form that is read here.
enum PrintedForm {
  /// Printed forms, by what one of the first lines begins with, and what to do about them.
  private static let signs: [(begins: StaticString, advice: Sentence)] = [
    ("Activities:", yaml), ("- ActivityId:", yaml), ("ScalingActivities:", yaml),
    ("services:", yaml), ("Records:", yaml), ("HistoryRecords:", yaml),
    ("AutoScalingGroups:", yaml), ("apiVersion:", yaml), ("kind:", yaml), ("items:", yaml),
    ("- apiVersion:", yaml), ("insertId:", yaml), ("httpRequest:", yaml),
    ("ACTIVITIES\t", text), ("SCALINGACTIVITIES\t", text), ("AUTOSCALINGGROUPS\t", text),
    ("|  DescribeScalingActivities", table), ("+------", table),
    ("INSTANCE_URL ", table), ("LastTransitionTime", describe), ("Name: ", describe),
    ("Reference: ", describe), ("Conditions:", describe),
  ]

  private static let yaml: Sentence =
    "it looks like YAML; have it written as JSON (-o json, --output json, --format=json)"
  private static let text: Sentence =
    "it looks like the command's text output; have it written as JSON (--output json)"
  private static let table: Sentence =
    "it looks like a printed table; have it written as JSON (--output json, --format=json)"
  private static let describe: Sentence =
    "it looks like kubectl describe; have the object and its events written as JSON (kubectl get -o json)"

  /// What to do about a file whose first lines are `samples`; nil: they are of no known printed form.
  static func advice(on samples: [Detection.Sample]) -> Sentence? {
    for sample in samples.prefix(20) {
      let bytes = sample.bytes.span
      var start = 0
      while bytes.byte(at: start) == 0x20 { start += 1 }
      for sign in signs where bytes.holds(sign.begins, at: start) { return sign.advice }
      // `|      DescribeScalingActivities      |`
      if bytes.byte(at: 0) == UInt8(ascii: "|"), bytes.contains("Describe") { return table }
    }
    return nil
  }
}
