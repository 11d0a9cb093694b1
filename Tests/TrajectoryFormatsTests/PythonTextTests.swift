import Testing
import Trajectory

@testable import TrajectoryFormats

@Suite struct PythonTextTests {
    @Test func exceptionsAreToldFromWhatWasPrinted() {
        #expect(
            PythonText.exception(endOf: "to stderr\n\nZeroDivisionError: division by zero")
                == Failure(kind: "ZeroDivisionError", message: "division by zero")
        )
        #expect(
            PythonText.exception(endOf: "\njson.JSONDecodeError: two\nlines: of it")
                == Failure(kind: "JSONDecodeError", message: "two\nlines: of it")
        )
        #expect(PythonText.exception(endOf: "\nAssertionError: ") == Failure(kind: "AssertionError", message: ""))
        // Printed by the code: with a line end, or on the first line.
        #expect(PythonText.exception(endOf: "\nValueError: caught and printed\n") == nil)
        #expect(PythonText.exception(endOf: "ValueError: written without a line end") == nil)
        #expect(PythonText.exception(endOf: "\nError in line 3: see above") == nil)
        #expect(PythonText.exception(endOf: "") == nil)
    }

    @Test func addressesLoseTheirSecrets() {
        #expect(PythonText.withoutSecrets("https://me:key@host:8000/v1?key=1#x") == "https://host:8000/v1")
        #expect(PythonText.withoutSecrets("no url") == nil)
    }
}
