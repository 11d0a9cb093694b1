/// One message of a prompt.
package struct Message: Hashable, Sendable, Codable {
    package enum Role: String, Sendable, Codable, CaseIterable {
        case system, user, assistant, tool
    }

    package var role: Role
    package var content: String

    package init(role: Role, content: String) {
        self.role = role
        self.content = content
    }
}
