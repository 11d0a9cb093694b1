// swift-tools-version: 6.2
//
// rlm-tui: one binary that runs Recursive Language Models and lets a person look into what they did.
// The targets below are the rooms of ARCHITECTURE.md, lowest first; a dependency points only downwards.

import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "rlm-tui",
    products: [
        .executable(name: "rlm-tui", targets: ["rlm-tui"])
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CNCurses", providers: [.apt(["libncurses-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // The words, and the rooms that know only the words.
        .target(name: "Trajectory", swiftSettings: strict),
        .target(name: "OperatingSystem", swiftSettings: strict),
        .target(
            name: "TrajectoryStore",
            dependencies: [
                "OperatingSystem",
                "Trajectory",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TrajectoryFormats", dependencies: ["OperatingSystem", "TrajectoryStore"], swiftSettings: strict),
        .target(
            name: "REPL",
            dependencies: ["OperatingSystem", "Trajectory", .product(name: "Crypto", package: "swift-crypto")],
            resources: [.embedInCode("Worker/worker.py")],
            swiftSettings: strict),
        .target(name: "LMClients", dependencies: ["CCurl", "Trajectory"], swiftSettings: strict),

        // The engine.
        .target(
            name: "Engine",
            dependencies: [
                "LMClients", "REPL", "TrajectoryStore", .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),

        // Which parts of a context went where.
        .target(name: "ContextMap", dependencies: ["Trajectory"], swiftSettings: strict),

        // How two runs differ.
        .target(name: "Comparison", dependencies: ["TrajectoryStore"], swiftSettings: strict),

        // The explorer.
        .target(name: "Terminal", dependencies: ["CNCurses", "OperatingSystem"], swiftSettings: strict),
        .target(
            name: "Configuration",
            dependencies: ["Terminal", "Trajectory", .product(name: "TOMLKit", package: "TOMLKit")],
            // The others are links to themes/, so that a program that was copied alone has them.
            resources: [
                .embedInCode("Themes/default.toml"), .embedInCode("Themes/light.toml"),
                .embedInCode("Themes/contrast.toml"), .embedInCode("Themes/mono.toml"),
            ],
            swiftSettings: strict),
        .target(name: "Views", dependencies: ["Terminal", "Trajectory"], swiftSettings: strict),
        .target(
            name: "Application",
            dependencies: [
                "Comparison", "Views", "Configuration", "ContextMap", "OperatingSystem", "TrajectoryStore",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "rlm-tui",
            dependencies: [
                "Application", "Comparison", "ContextMap", "Engine", "OperatingSystem", "TrajectoryFormats",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["LMClients", "Terminal"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .executableTarget(
            name: "scripted-server", dependencies: ["TestSupport"], path: "Tests/ScriptedServer", swiftSettings: strict),
        .testTarget(name: "TrajectoryTests", dependencies: ["Trajectory"], swiftSettings: strict),
        .executableTarget(
            name: "store-crash-writer", dependencies: ["TrajectoryStore"], path: "Tests/StoreCrashWriter",
            swiftSettings: strict),
        .testTarget(
            name: "TrajectoryStoreTests", dependencies: ["TestSupport", "TrajectoryStore", "store-crash-writer"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "TrajectoryFormatsTests", dependencies: ["TrajectoryFormats"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .executableTarget(
            name: "map-figures", dependencies: ["ContextMap", "Trajectory"], path: "Tests/MapFigures",
            swiftSettings: strict),
        .testTarget(name: "ContextMapTests", dependencies: ["ContextMap", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ComparisonTests", dependencies: ["Comparison", "TestSupport", "TrajectoryStore"],
            swiftSettings: strict),
        .executableTarget(
            name: "repl-host", dependencies: ["REPL", "Trajectory"], path: "Tests/REPLHost", swiftSettings: strict),
        .testTarget(
            name: "REPLTests", dependencies: ["OperatingSystem", "REPL", "repl-host"], swiftSettings: strict),
        .testTarget(name: "LMClientsTests", dependencies: ["LMClients", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "TestSupport"], swiftSettings: strict),
        .executableTarget(
            name: "terminal-fixture", dependencies: ["Terminal"], path: "Tests/TerminalFixture", swiftSettings: strict),
        .testTarget(
            name: "TerminalTests", dependencies: ["Terminal", "TestSupport", "CNCurses", "terminal-fixture"],
            exclude: ["Snapshots"], swiftSettings: strict),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"], swiftSettings: strict),
        .testTarget(
            name: "ViewsTests", dependencies: ["Views", "TestSupport"], exclude: ["Snapshots"], swiftSettings: strict),
        .testTarget(
            name: "ApplicationTests", dependencies: ["Application", "ContextMap", "TestSupport"],
            exclude: ["Snapshots"],
            swiftSettings: strict),
        .target(
            name: "FuzzedReaders", dependencies: ["Engine", "LMClients", "REPL", "Terminal", "TrajectoryFormats"],
            path: "Tests/Fuzz/Readers", swiftSettings: strict),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzedReaders"], swiftSettings: strict),
        .testTarget(
            name: "EndToEnd", dependencies: ["rlm-tui", "TestSupport"], path: "Tests/EndToEnd", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// `make fuzz` sets this: the fuzzer needs all targets built with its counters.
if Context.environment["RLM_TUI_FUZZ"] != nil {
    package.targets += [
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzedReaders"], path: "Tests/Fuzz/Driver", swiftSettings: strict)
    ]
}
