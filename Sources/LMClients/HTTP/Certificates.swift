/// Where the certificates are that servers are trusted by, as the environment says it: `CURL_CA_BUNDLE` and
/// `SSL_CERT_FILE` name a file, `SSL_CERT_DIR` a folder. libcurl itself reads none of these.
package struct Certificates: Hashable, Sendable {
    /// A file of certificates in PEM; nil for the system's.
    package var file: String?
    /// A folder of them, prepared with `openssl rehash`; nil for the system's.
    package var folder: String?

    package init(file: String? = nil, folder: String? = nil) {
        self.file = file
        self.folder = folder
    }

    package init(environment: [String: String]) {
        func path(_ names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }
        self.init(file: path("CURL_CA_BUNDLE", "SSL_CERT_FILE"), folder: path("SSL_CERT_DIR"))
    }
}
