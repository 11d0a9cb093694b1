import Engine
import Testing

/// An address is shown and kept without anything in it that can be a key.
@Suite struct ContextAddressTests {
    @Test(arguments: [
        ("https://host/path", "https://host/path"),
        ("https://host/path?key=SECRET", "https://host/path"),
        ("https://host?SECRET", "https://host"),
        ("https://host/path#SECRET", "https://host/path"),
        ("https://host/path#a?SECRET", "https://host/path"),
        ("https://SECRET@host:8080/path", "https://host:8080/path"),
        ("https://me:SECRET@host/path", "https://host/path"),
        ("https://me:SEC@RET@host/path", "https://host/path"),
        ("https://me:SEC/RET@host/path", "https://…"),
        ("https://me:SEC?RET@host/path", "https://…"),
        ("https://[::1]:80/path?SECRET", "https://[::1]:80/path"),
        ("HTTPS://Host/Path?SECRET", "HTTPS://Host/Path"),
        ("ftp://me:SECRET@host/x?SECRET", "ftp://host/x"),
        ("https:/host/x?key=SECRET", "https:/host/x"),
        (" https://host/x?key=SECRET", " https://host/x"),
        ("https://host/a b?key=SECRET", "https://host/a b"),
        ("https://host/%zz?key=SECRET", "https://host/%zz"),
        ("www.host.org/x?key=SECRET", "www.host.org/x"),
        ("/data/notes?.txt", "/data/notes?.txt"),
        ("notes #1.txt", "notes #1.txt"),
        ("-", "-"),
        ("C:/x", "C:/x"),
    ])
    func shown(source: String, shown: String) {
        #expect(ContextAddress.shown(source) == shown)
        #expect(!ContextAddress.shown(source).contains("SECRET"))
        #expect(!ContextError(source: source, problem: "it is gone").description.contains("SECRET"))
    }

    @Test func messagesLoseTheSameParts() {
        let address = "https://me:pass1234@host/x?api_key=abcd1234&n=1#frag5678"
        let message = ContextAddress.withoutSecrets(
            of: address, in: "cannot use \(address): host me:pass1234, query api_key=abcd1234&n=1, abcd1234, frag5678")
        for secret in ["pass1234", "abcd1234", "frag5678"] { #expect(!message.contains(secret), "\(message)") }
        #expect(message.contains("https://host/x"))
    }
}
