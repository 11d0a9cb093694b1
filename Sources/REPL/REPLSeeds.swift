/// What makes a REPL repeat itself: with the same seeds the same code gets the same set order and the same random numbers.
package struct REPLSeeds: Sendable, Hashable {
    /// `PYTHONHASHSEED`: decides in which order sets of texts are gone through, in child Pythons too.
    package var hash: UInt32
    /// `random.seed`, applied when `random` is first imported. Generators of other libraries (numpy's), `random.Random()`
    /// made without a seed and `os.urandom` are not seeded.
    package var random: UInt64

    package init(hash: UInt32 = 0, random: UInt64 = 0) {
        self.hash = hash
        self.random = random
    }
}
