import Engine
import Foundation
import LMClients

/// Fetches a context from an URL.
enum URLFetch {
    /// Bytes that are read at the most.
    static let limit = 1 << 30

    /// Throws `ContextError`.
    static func fetch(_ url: String) async throws -> Data {
        let shown = ContextAddress.shown(url)
        let request = HTTPRequest(url: url, limits: HTTPLimits(firstByte: 60, total: 3600, bytes: limit))
        let response: HTTPResponse
        let transport = Transport(certificates: Certificates(environment: ProcessInfo.processInfo.environment))
        do throws(TransportError) { response = try await transport.send(request) } catch {
            throw ContextError(
                source: shown,
                problem: "it could not be fetched: \(ContextAddress.withoutSecrets(of: url, in: error.detail))"
            )
        }
        guard (200..<300).contains(response.head.status) else {
            let place = response.head.location.map { "; it is at \(ContextAddress.shown($0)) now" } ?? ""
            throw ContextError(
                source: shown,
                problem: "the server answered with status \(response.head.status)\(place); check the address"
            )
        }
        return Data(response.body)
    }
}
