package struct FileLocations: Sendable {}
