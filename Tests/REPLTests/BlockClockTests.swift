import Testing

@testable import REPL

@Suite struct BlockClockTests {
    @Test func countsOnlyWhatIsNotWaiting() {
        var clock = BlockClock(now: 10)
        clock.advance(to: 11, pace: .waiting)
        clock.advance(to: 15, pace: .running)
        clock.advance(to: 17)
        #expect(clock.countedSeconds == 3)
        #expect(clock.waitingSeconds == 4)
        #expect(clock.seconds == 7)
    }

    @Test func countsCPUTimeWhileOthersWait() {
        var clock = BlockClock(now: 0)
        clock.sample(cpu: 5)
        clock.advance(to: 1, pace: .othersWaiting)
        clock.sample(cpu: 6)
        clock.advance(to: 3)
        clock.sample(cpu: 7.5)
        #expect(clock.countedSeconds == 2.5)
        #expect(clock.waitingSeconds == 2)
    }
}
