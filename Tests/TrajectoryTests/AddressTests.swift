import Testing
import Trajectory

@Suite struct AddressTests {
    @Test(arguments: ["root", "i2", "i2.b1", "i2.c4", "i2.c4.i1.c3", "i2.c4@2", "i10.c4000.i3.b2@7"])
    func isWrittenAsItIsRead(text: String) throws {
        #expect(try Address(text).description == text)
    }

    @Test func emptyTextIsTheRoot() throws {
        #expect(try Address("") == .root)
    }

    @Test(arguments: [
        "c4", "b1", "i0", "i-1", "i", "i2.", ".i2", "i2..c1", "i2.i3", "i2.b1.c1", "i2.c4.b1", "x1", "i2@", "i2@0",
        "i٣",
        "i99999999999999999999", "i2.c4@2@3", "i2 ", "root.i1",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(throws: Address.ParseError.self) { try Address(text) }
    }

    @Test func knowsItsDepthAndParent() throws {
        let address = try Address("i2.c4.i1.c3")
        #expect(address.depth == 2)
        #expect(address.parent?.description == "i2.c4.i1")
        #expect(address.parent?.depth == 1)
        #expect(address.lastStep == "c3")
        #expect(Address.root.parent == nil)
        #expect(try Address("i2.b1").depth == 0)
    }
}
