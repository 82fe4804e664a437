/// What a masked text was, in the order in which reports count them (REPORT §7.2).
package enum MaskClass: String, CaseIterable, Sendable {
  case client, `internal`, network, user
  case queryValue = "query-value"
  case sensitiveValue = "sensitive-value"
  case email, phone, card
  case urlCredentials = "url-credentials"
  case privateKey = "private-key"
  case jwt
  case awsKey = "aws-key"
  case githubToken = "github-token"
  case gitlabToken = "gitlab-token"
  case slackToken = "slack-token"
  case googleKey = "google-key"
  case stripeKey = "stripe-key"
  case vendorToken = "vendor-token"
  case authorization
  case pathSession = "path-session"
  case uuid, hex
  case highEntropy = "high-entropy"
  case arn, account, project, principal, host
  /// By a pattern of the user's own.
  case pattern

  /// What stands in place of the secret: no length and no prefix of it.
  var mask: String {
    switch self {
    case .queryValue: "…"
    case .sensitiveValue: "‹value›"
    case .urlCredentials: "‹credentials›"
    case .authorization: "‹token›"
    case .pathSession: "‹session›"
    case .highEntropy: "‹token?›"
    case .pattern: "‹masked›"
    default: "‹\(rawValue)›"
    }
  }

  /// How a report names a count of them, where it is not told among the first four.
  var noun: StaticString {
    switch self {
    case .client: "client addresses"
    case .internal: "internal addresses"
    case .network: "client networks"
    case .user: "user names"
    case .queryValue: "query values"
    case .sensitiveValue: "values of sensitive names"
    case .email: "e-mail addresses"
    case .phone: "phone numbers"
    case .card: "card numbers"
    case .urlCredentials: "credentials in URLs"
    case .privateKey: "private keys"
    case .jwt, .awsKey, .githubToken, .gitlabToken, .slackToken, .googleKey, .stripeKey,
      .vendorToken, .authorization:
      "tokens"
    case .pathSession: "session ids"
    case .uuid: "UUIDs"
    case .hex: "long hexadecimal numbers"
    case .highEntropy: "perhaps tokens"
    case .arn: "ARNs"
    case .account: "account ids"
    case .project: "project ids"
    case .principal: "principals"
    case .host: "private host names"
    case .pattern: "texts by patterns of your own"
    }
  }

  /// Keys and tokens with a shape of their own, which reports count together.
  var isToken: Bool {
    switch self {
    case .jwt, .awsKey, .githubToken, .gitlabToken, .slackToken, .googleKey, .stripeKey,
      .vendorToken, .authorization:
      true
    default: false
    }
  }
}
