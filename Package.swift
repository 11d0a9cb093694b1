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
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CNCurses", providers: [.apt(["libncurses-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // The words, and the rooms that know only the words.
        .target(name: "Trajectory", swiftSettings: strict),
        .target(
            name: "TrajectoryStore",
            dependencies: [
                "Trajectory",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "REPL",
            dependencies: ["Trajectory"],
            resources: [.embedInCode("Worker/worker.py")],
            swiftSettings: strict
        ),
        .target(name: "LMClients", dependencies: ["CCurl", "Trajectory"], swiftSettings: strict),

        // The engine.
        .target(
            name: "Engine",
            dependencies: [
                "LMClients", "REPL", "TrajectoryStore", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),

        // The explorer.
        .target(name: "Terminal", dependencies: ["CNCurses"], swiftSettings: strict),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["LMClients", "Terminal"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "TrajectoryTests", dependencies: ["Trajectory"], swiftSettings: strict),
        .executableTarget(
            name: "store-crash-writer",
            dependencies: ["TrajectoryStore"],
            path: "Tests/StoreCrashWriter",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TrajectoryStoreTests",
            dependencies: ["TrajectoryStore", "store-crash-writer"],
            swiftSettings: strict
        ),
        .testTarget(name: "REPLTests", dependencies: ["REPL"], swiftSettings: strict),
        .testTarget(name: "LMClientsTests", dependencies: ["LMClients", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "TestSupport"], swiftSettings: strict),
        .executableTarget(
            name: "terminal-fixture",
            dependencies: ["Terminal"],
            path: "Tests/TerminalFixture",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TerminalTests",
            dependencies: ["Terminal", "TestSupport", "CNCurses", "terminal-fixture"],
            exclude: ["Snapshots"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
