// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is compiled with; a warning stops the build.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The cursor stores a `Span`; the language has no other spelling for that yet.
let lifetimes: SwiftSetting = .enableExperimentalFeature("Lifetimes")

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// The test target that mirrors a module; it sees that module, the model and the test support.
func tests(
  of target: String, _ more: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(target)Tests",
    dependencies: [.target(name: target), "FloodmarkTestSupport"] + more,
    exclude: exclude,
    swiftSettings: strict + [lifetimes])
}

let package = Package(
  name: "floodmark",
  products: [.executable(name: "floodmark", targets: ["floodmark"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // Layer 0: the words.
    .target(name: "IncidentModel", swiftSettings: strict + [lifetimes]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CMalloc"),
    // Opened at run time: neither headers nor the library are needed to build.
    .systemLibrary(name: "CMaxMind"),
    .systemLibrary(
      name: "CCodecs",
      providers: [.apt(["libbz2-dev", "liblz4-dev", "liblzma-dev", "libzstd-dev"])]),

    // Layer 1: from bytes to numbers.
    .target(
      name: "ArchiveInput",
      dependencies: ["IncidentModel", "CZlib", "CCodecs", "CArchive", crypto, system],
      swiftSettings: strict),
    .target(
      name: "LogFormats", dependencies: ["IncidentModel"], swiftSettings: strict + [lifetimes]),
    .target(
      name: "TrafficTally", dependencies: ["IncidentModel"], swiftSettings: strict + [lifetimes]),

    // Layer 2: from numbers to an account.
    .target(
      name: "Correlation", dependencies: ["IncidentModel", "TrafficTally"], swiftSettings: strict),
    .target(
      name: "ReportWriting", dependencies: ["IncidentModel", crypto], swiftSettings: strict),
    .target(name: "TicketAttachment", dependencies: ["IncidentModel"], swiftSettings: strict),

    // Layer 3: the wiring.
    .target(
      name: "Pipeline",
      dependencies: [
        "IncidentModel", "ArchiveInput", "LogFormats", "TrafficTally", "Correlation",
        "ReportWriting", "TicketAttachment", "CMalloc", "CMaxMind", crypto, system, yams,
      ],
      swiftSettings: strict + [lifetimes]),

    // Layer 4: the command.
    .executableTarget(
      name: "floodmark",
      dependencies: [
        "IncidentModel", "Pipeline", "ReportWriting", "TicketAttachment", argumentParser,
      ],
      swiftSettings: strict),

    // The simulator: test support as a library, and a command that writes what it makes.
    .target(
      name: "FloodmarkTestSupport",
      dependencies: ["IncidentModel", "CZlib", "CArchive", "CMaxMind"],
      path: "Tests/FloodmarkTestSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "incident-simulator",
      dependencies: ["FloodmarkTestSupport", "IncidentModel", argumentParser],
      path: "Benchmarks/IncidentSimulator",
      swiftSettings: strict),

    // The parsers of access logs alone, for their speed and their instructions.
    .executableTarget(
      name: "format-benchmark",
      dependencies: ["IncidentModel", "LogFormats", "TrafficTally", argumentParser],
      path: "Benchmarks/FormatBenchmark",
      swiftSettings: strict + [lifetimes]),

    // What the analysis gets right of archives whose truth is known.
    .executableTarget(
      name: "accuracy-table",
      dependencies: [
        "FloodmarkTestSupport", "IncidentModel", "TrafficTally", "Correlation", "Pipeline",
        argumentParser,
      ],
      path: "Benchmarks/AccuracyTable",
      swiftSettings: strict),

    // The change points of levels in series from elsewhere.
    .executableTarget(
      name: "level-changes",
      dependencies: ["Correlation"],
      path: "Benchmarks/LevelChanges",
      swiftSettings: strict),

    .testTarget(
      name: "FloodmarkTestSupportTests",
      dependencies: ["FloodmarkTestSupport", "IncidentModel", "incident-simulator"],
      swiftSettings: strict),
    tests(of: "IncidentModel"),
    tests(of: "ArchiveInput", ["IncidentModel", "CZlib", crypto, system]),
    tests(of: "LogFormats", ["IncidentModel"]),
    tests(of: "TrafficTally", ["IncidentModel"]),
    tests(of: "Correlation", ["IncidentModel", "TrafficTally"]),
    tests(of: "ReportWriting", ["IncidentModel", crypto], exclude: ["Golden"]),
    tests(
      of: "TicketAttachment", ["IncidentModel", "ReportWriting"],
      exclude: ["Redmine", "RequestTracker"]),
    tests(of: "Pipeline", ["IncidentModel", "ArchiveInput", "TrafficTally", system]),
    .testTarget(
      name: "AccuracyTableTests",
      dependencies: ["accuracy-table", "FloodmarkTestSupport", "IncidentModel"],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(
      name: "floodmarkTests",
      dependencies: ["floodmark", "FloodmarkTestSupport", "IncidentModel"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
