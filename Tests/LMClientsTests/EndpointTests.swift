import Testing

@testable import LMClients

@Suite struct EndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1", true),
        ("  HTTP://localhost:1//", "http://localhost:1", true),
        ("http://[::1]:3/v1", "http://[::1]:3/v1", true),
        ("https://user:secret@example.org/v1?x=1", "https://example.org/v1", false),
        ("http://127.0.0.1.example.org", "http://127.0.0.1.example.org", false),
        ("http://localhost@example.org", "http://example.org", false),
        ("http://0.0.0.0:8000/v1", "http://0.0.0.0:8000/v1", true),
        ("http://127.1:8000", "http://127.1:8000", true),
        ("http://127.8.9.10", "http://127.8.9.10", true),
        ("http://LocalHost.:80/v1", "http://LocalHost.:80/v1", true),
        ("http://models.localhost:80", "http://models.localhost:80", true),
        ("http://[0:0:0:0:0:0:0:1]:3", "http://[0:0:0:0:0:0:0:1]:3", true),
        ("http://[::ffff:127.0.0.1]:3", "http://[::ffff:127.0.0.1]:3", true),
        ("http://[2001:db8::1]:3", "http://[2001:db8::1]:3", false),
        ("http://10.0.0.1/127.0.0.1", "http://10.0.0.1/127.0.0.1", false),
        ("http://localhost.example.org", "http://localhost.example.org", false),
    ])
    func readsBaseURLs(text: String, shown: String, isLoopback: Bool) throws {
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.description == shown)
        #expect(endpoint.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "v1", "ftp://example.org", "file:///etc", "http://", "127.0.0.1:8000"])
    func refusesWhatIsNoBaseURL(text: String) { #expect(Endpoint(text) == nil) }
}
