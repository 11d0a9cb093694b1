import Foundation
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// What servers are trusted by: the environment's files and folders, tried on a real TLS server.
@Suite struct CertificatesTests {
    @Test(
        arguments: [
            ([:], nil, nil), (["SSL_CERT_FILE": "/a"], "/a", nil),
            (["CURL_CA_BUNDLE": "/b", "SSL_CERT_FILE": "/a"], "/b", nil),
            (["SSL_CERT_DIR": "/d", "SSL_CERT_FILE": ""], nil, "/d"),
            (["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "/a"], "/a", nil),
        ] as [([String: String], String?, String?)])
    func comeFromTheEnvironment(environment: [String: String], file: String?, folder: String?) {
        #expect(Certificates(environment: environment) == Certificates(file: file, folder: folder))
    }

    @Test func aFileOrAFolderMakesAServerTrusted() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try TLSServer(folder: folder)
        defer { server.stop() }

        func fetch(_ environment: [String: String]) async -> Result<HTTPResponse, TransportError> {
            let transport = Transport(certificates: Certificates(environment: environment))
            do throws(TransportError) { return .success(try await transport.send(HTTPRequest(url: server.url))) } catch
            {
                return .failure(error)
            }
        }
        for (variable, path) in [
            ("SSL_CERT_FILE", server.certificate), ("CURL_CA_BUNDLE", server.certificate),
            ("SSL_CERT_DIR", server.folder),
        ] {
            let response = try await fetch([variable: path]).get()
            #expect(String(decoding: response.body, as: UTF8.self) == "hello", "\(variable)")
        }
        for environment in [[:], ["SSL_CERT_FILE": "/nowhere/at/all.pem"]] {
            guard case .failure(let error) = await fetch(environment) else {
                Issue.record("trusted with \(environment)")
                continue
            }
            #expect(error.kind == .tls, "\(error)")
        }
        // The whole way, from the environment to the answer.
        let clients = ClientRegistry(environment: ["SSL_CERT_FILE": server.certificate], baseURL: server.url + "v1")
        #expect(try await clients.openAIClient(for: Model(provider: "openai", name: "m")).modelNames() == ["m-tls"])
    }
}

/// A server with a certificate of its own, in Python.
private struct TLSServer {
    let url: String
    let certificate: String
    /// Where the certificate is found by its hash.
    let folder: String
    private let process: Process

    private static let script = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b'{"data":[{"id":"m-tls"}]}' if self.path.endswith("/models") else b"hello"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *rest): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    init(folder: URL) throws {
        certificate = folder.appendingPathComponent("cert.pem").path
        let key = folder.appendingPathComponent("key.pem").path
        let hashed = folder.appendingPathComponent("hashed")
        self.folder = hashed.path
        try Self.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days",
            "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        try FileManager.default.createDirectory(at: hashed, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: certificate, toPath: hashed.appendingPathComponent("cert.pem").path)
        try Self.run(["openssl", "rehash", hashed.path])
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script, certificate, key]
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        let line = String(decoding: out.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "the server said \(line)")
        url = "https://127.0.0.1:\(port)/"
    }

    /// Not by a signal that it may have inherited as blocked.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments.joined(separator: " "))")
    }
}
