import CCurl

/// A libcurl easy handle, set up once and used for one request after the other.
final class EasyHandle {
    let curl: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    /// Nil when libcurl has no memory left.
    init?(_ certificates: Certificates) {
        guard let curl = curl_easy_init() else { return nil }
        self.curl = curl
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_NOSIGNAL, 1)
        // Only the web's own schemes; and a redirect is reported, never followed: it would carry the key elsewhere.
        ccurl_set_web_only(curl)
        ccurl_set_own_sockets(curl)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        ccurl_set_text(curl, CURLOPT_USERAGENT, "rlm-tui")
        if let file = certificates.file { ccurl_set_text(curl, CURLOPT_CAINFO, file) }
        if let folder = certificates.folder { ccurl_set_text(curl, CURLOPT_CAPATH, folder) }
        ccurl_set_pointer(curl, CURLOPT_ERRORBUFFER, errorText)
        ccurl_set_receiver(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, exchange in
            guard let bytes, let exchange else { return 0 }
            let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // Taking nothing makes libcurl give the transfer up. It never offers an empty piece.
            switch Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
                .receive(body: buffer, now: Transport.now())
            {
            case .taken: return buffer.count
            case .refused: return 0
            case .notYet: return Int(CURL_WRITEFUNC_PAUSE)
            }
        }
        ccurl_set_receiver(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, exchange in
            guard let bytes, let exchange else { return 0 }
            let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
            let isTaken = Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
                .receive(header: buffer, now: Transport.now())
            return isTaken ? buffer.count : 0
        }
    }

    deinit {
        curl_easy_cleanup(curl)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Points the handle at an exchange, which must live until `release`.
    func prepare(_ exchange: Exchange) {
        let request = exchange.request
        let pointer = Unmanaged.passUnretained(exchange).toOpaque()
        ccurl_set_pointer(curl, CURLOPT_PRIVATE, pointer)
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, pointer)
        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, pointer)
        ccurl_set_text(curl, CURLOPT_URL, request.url)
        // Waiting for a connection that may multiplex pays only where HTTP/2 can be: over TLS.
        set(CURLOPT_PIPEWAIT, request.url.hasPrefix("https") ? 1 : 0)
        // An empty proxy is none at all, whatever the environment says; nil leaves it to the environment.
        ccurl_set_text(curl, CURLOPT_PROXY, Endpoint.isLoopback(request.url) ? "" : nil)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(min(request.limits.connect, 86_400) * 1000)))
        // No `Expect: 100-continue`: servers that do not know it cost a second for each long prompt.
        headerList = (request.headers + ["Expect:"]).reduce(nil) { curl_slist_append($0, $1) }
        ccurl_set_pointer(curl, CURLOPT_HTTPHEADER, headerList)
        if let body = request.body {
            set(CURLOPT_POST, 1)
            ccurl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            body.withUnsafeBufferPointer { bytes in
                _ = ccurl_set_pointer(
                    curl,
                    CURLOPT_COPYPOSTFIELDS,
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                )
            }
        } else {
            set(CURLOPT_HTTPGET, 1)
        }
        errorText[0] = 0
    }

    /// Forgets the exchange and its key.
    func release() {
        ccurl_set_pointer(curl, CURLOPT_PRIVATE, nil)
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, nil)
        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, nil)
        ccurl_set_pointer(curl, CURLOPT_POSTFIELDS, nil)
        ccurl_set_pointer(curl, CURLOPT_HTTPHEADER, nil)
        curl_slist_free_all(headerList)
        headerList = nil
    }

    /// Goes on with a transfer that was given no more room for a while.
    func resume() { curl_easy_pause(curl, CURLPAUSE_CONT) }

    var status: Int { number(CURLINFO_RESPONSE_CODE) }
    var systemError: Int { number(CURLINFO_OS_ERRNO) }
    var errorDetail: String { String(cString: errorText) }

    private func set(_ option: CURLoption, _ value: Int) { ccurl_set_long(curl, option, value) }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        ccurl_get_long(curl, info, &value)
        return value
    }
}
