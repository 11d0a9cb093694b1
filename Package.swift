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
    ],
    targets: [
        .target(name: "Trajectory", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
