/// The context of the demo: the journal of a warehouse that does not exist, about four megabytes long, the same every
/// time, with one line in it that answers the question and several that only look as if they did.
enum DemoArchive {
    static let question = "What is the vault code?"
    private static let lineCount = 48_000

    static func text() -> String {
        var random = SplitMix64(state: 7)
        var text = ""
        text.reserveCapacity(5 << 20)
        for number in 0..<lineCount {
            let day = number / 1600 + 1
            text += "day \(day), \(number % 24):00  "
            switch number {
            case 9_100: text += "The vault was painted grey; nobody was asked about the colour."
            case 17_450: text += "A new code of conduct hangs beside the coffee machine."
            case 31_207: text += "Changed by the night shift: the vault code is 7316-KESTREL."
            case 40_002: text += "The old vault in hall two was sold for scrap, without its door."
            default:
                let who = pick(["Ada", "Bruno", "Chen", "Dora", "Emil", "Farah", "Goran", "Hana"], &random)
                let did = pick(
                    ["counted", "moved", "labelled", "weighed", "sent off", "took in", "looked for"],
                    &random
                )
                let what = pick(["crates", "pallets", "barrels", "parcels", "drums", "sacks", "spare parts"], &random)
                let place = pick(
                    ["hall one", "hall two", "the yard", "the cold store", "the dock", "row nine"],
                    &random
                )
                text += "\(who) \(did) \(random.next() % 90 + 10) \(what) in \(place)."
            }
            text += "\n"
        }
        return text
    }

    private static func pick(_ words: [String], _ random: inout SplitMix64) -> String {
        words[Int(random.next() % UInt64(words.count))]
    }
}

/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): numbers that are the same on every machine.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
