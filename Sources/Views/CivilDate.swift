// A date as a person writes it, without asking the locale: the offset of the time zone is given.

package import Foundation

/// Year to second of a date of the proleptic Gregorian calendar at a fixed offset from UTC.
package struct CivilDate: Hashable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int

    /// - Parameter offset: seconds east of UTC.
    package init(_ date: Date, offset: Int) {
        // Dates from files can be anything; what a calendar cannot hold is drawn as its nearest end.
        let seconds = Int(min(max(date.timeIntervalSince1970.rounded(.down), -6e10), 2.5e11)) + offset
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        // Days to civil date by 400-year eras that begin on 1 March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
    }

    /// `2026-03-01 14:05`.
    package var minutes: String {
        "\(Figures.padded(year, digits: 4))-\(monthAndDay) "
            + "\(Figures.padded(hour, digits: 2)):\(Figures.padded(minute, digits: 2))"
    }

    /// `03-01 14:05`.
    package var short: String { String(minutes.dropFirst(String(year).count < 4 ? 5 : String(year).count + 1)) }

    /// `2026-03-01 14:05:09`.
    package var seconds: String { minutes + ":" + Figures.padded(second, digits: 2) }

    private var monthAndDay: String { "\(Figures.padded(month, digits: 2))-\(Figures.padded(day, digits: 2))" }
}
