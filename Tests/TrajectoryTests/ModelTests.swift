import Testing
import Trajectory

@Suite struct ModelTests {
    @Test func theNameMayHoldSlashes() throws {
        let model = try #require(Model("openrouter/meta/llama-4"))
        #expect(model.provider == "openrouter")
        #expect(model.name == "meta/llama-4")
        #expect(model.description == "openrouter/meta/llama-4")
    }

    @Test(arguments: ["", "gpt-5", "/gpt-5", "openai/", "/"])
    func refusesWhatLacksAPart(text: String) {
        #expect(Model(text) == nil)
    }

    @Test func idsAreSixteenHexadecimalDigits() {
        let ids = (0..<200).map { _ in RunID.random() }
        #expect(Set(ids).count == ids.count)
        for id in ids {
            #expect(id.rawValue.utf8.count == 16)
            #expect(id.rawValue.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
    }
}
