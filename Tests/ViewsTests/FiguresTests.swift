import Foundation
import Testing
import Trajectory
import Views

@Suite struct FiguresTests {
    private let figures = Figures()

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1k"), (1_049, "1k"), (1_050, "1.1k"), (45_230, "45.2k"), (99_949, "99.9k"),
        (99_950, "100k"), (412_499, "412k"), (999_499, "999k"), (999_500, "1M"), (1_250_000, "1.3M"),
        (2_000_000_000, "2G"), (-45_230, "-45.2k"),
    ])
    func counts(count: Int, text: String) { #expect(figures.count(count) == text) }

    @Test func hugeCountsDoNotTrap() {
        #expect(figures.count(Int.max).hasSuffix("G"))
        #expect(figures.count(Int.min).hasPrefix("-"))
        #expect(figures.grouped(Int.min) == "-9,223,372,036,854,775,808")
    }

    @Test(arguments: [
        (0.0, "$0"), (0.000_04, "<$0.0001"), (0.001, "$0.0010"), (0.0104, "$0.0104"), (0.999_6, "$0.9996"),
        (0.999_96, "$1.00"), (1.234, "$1.23"),
        (99.99, "$99.99"), (1234.5, "$1,235"),
    ])
    func costs(dollars: Double, text: String) { #expect(figures.cost(dollars) == text) }

    @Test(arguments: [
        (0.004, "4ms"), (0.0996, "0.1s"), (3.24, "3.2s"), (59.94, "59.9s"), (59.95, "00:59"), (131, "02:11"),
        (3_731, "1:02:11"), (200_000, "2d 07:33"),
    ])
    func durations(seconds: Double, text: String) { #expect(figures.duration(seconds) == text) }

    @Test func whatIsNotANumberIsUnknown() {
        #expect(figures.duration(.nan) == "?")
        #expect(figures.duration(.infinity) == "?")
        #expect(figures.cost(.nan) == "?")
        #expect(figures.cost(nil as Double?) == "?")
        #expect(figures.count(nil) == "?")
    }

    /// Unknown is never zero, and a sum that misses something says so.
    @Test func totalsAreHonest() {
        let known = UsageTotal(Usage(inputTokens: 45_000, outputTokens: 200, cost: 0.01))
        let unknown = UsageTotal(Usage.unknown)
        #expect(figures.tokens(UsageTotal()) == "–")
        #expect(figures.tokens(unknown) == "?")
        #expect(figures.tokens(known) == "45.2k")
        #expect(figures.tokens(known + unknown) == "≥45.2k")
        #expect(figures.cost(known + unknown) == "≥$0.0100")
        #expect(figures.cost(UsageTotal(Usage(inputTokens: 1, cost: 0.000_2)) + unknown) == "≥$0.0002")
        #expect(figures.cost(UsageTotal(Usage(inputTokens: 1, cost: 0.000_01)) + unknown) == ">$0")
        #expect(figures.cost(UsageTotal(Usage(inputTokens: 1, cost: 0)) + unknown) == "≥$0")
        #expect(Figures(isASCII: true).cost(known + unknown) == ">$0.0100")
    }

    @Test func datesNeedNoLocale() {
        #expect(CivilDate(Date(timeIntervalSince1970: 0), offset: 0).seconds == "1970-01-01 00:00:00")
        #expect(CivilDate(Date(timeIntervalSince1970: 1_772_366_709), offset: 3_600).seconds == "2026-03-01 13:05:09")
        #expect(CivilDate(Date(timeIntervalSince1970: 951_782_400), offset: 0).minutes == "2000-02-29 00:00")
        #expect(CivilDate(Date(timeIntervalSince1970: -1), offset: 0).seconds == "1969-12-31 23:59:59")
        #expect(CivilDate(.distantFuture, offset: 0).year == 4001)
        #expect(CivilDate(Date(timeIntervalSince1970: .infinity), offset: 0).year > 4000)
    }
}
