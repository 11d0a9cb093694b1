import CCurl
import Foundation

/// Why no whole answer came. `detail` is libcurl's sentence; it may quote the URL, so whoever shows it scrubs it.
package struct TransportError: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Nothing listens at the address.
        case refused
        case unknownHost
        /// The certificate is not to be trusted, or no common TLS was found.
        case tls
        /// The URL cannot be used: malformed, or neither http nor https.
        case unusableURL
        case connectTimeout, firstByteTimeout, idleTimeout, totalTimeout
        /// What listens there speaks another protocol.
        case notHTTP
        /// The connection ended before an answer began.
        case broken
        /// The connection ended in the middle of an answer.
        case brokenOff
        case tooLarge
        case cancelled
    }

    package var kind: Kind
    package var detail: String

    package init(_ kind: Kind, detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    /// What a libcurl result means. `systemError` is the errno of the failed system call, 0 where there was none.
    init(curl code: CURLcode, systemError: Int, hasFirstByte: Bool, detail: String) {
        let kind: Kind =
            switch code {
            case CURLE_COULDNT_CONNECT: systemError == ECONNREFUSED ? .refused : .broken
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unknownHost
            case CURLE_OPERATION_TIMEDOUT: .connectTimeout
            case CURLE_UNSUPPORTED_PROTOCOL where detail.contains("HTTP/0.9"), CURLE_WEIRD_SERVER_REPLY: .notHTTP
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .unusableURL
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
                .tls
            default: hasFirstByte ? .brokenOff : .broken
            }
        self.init(kind, detail: detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
    }
}
