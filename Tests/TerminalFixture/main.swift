// A program that takes the terminal and then does what its first argument says. Tests run it in a pseudo-terminal and
// look at what is left of the terminal afterwards.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

let arguments = CommandLine.arguments
let mode = arguments.count > 1 ? arguments[1] : ""
let doorbell = Doorbell()

let screen: CursesScreen
do {
    screen = try CursesScreen(doorbell: doorbell)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(5)
}

/// Rows of text under a first row that says the size.
@MainActor func frame(_ rows: [String]) -> Surface {
    var surface = Surface(size: screen.size)
    surface.put("ready \(screen.size.columns)x\(screen.size.rows)", x: 0, y: 0, role: .heading)
    for (index, row) in rows.enumerated() { surface.put(row, x: 0, y: index + 1) }
    return surface
}

@MainActor func show(_ rows: [String]) { screen.present(frame(rows), palette: .plain) }

func name(_ event: ScreenEvent) -> String {
    switch event {
    case .key(let key): "key \(KeyNotation.name(of: key))"
    case .resized(let size): "resized \(size.columns)x\(size.rows)"
    case .mailbox: "mailbox"
    case .hangup: "hangup"
    case .interrupt: "interrupt"
    case .terminate: "terminate"
    }
}

/// Writes each event in a row of its own until `q` or a signal that ends.
@MainActor func listen() -> Int32 {
    var rows: [String] = []
    var isRinging = false
    show(rows)
    while true {
        guard let event = screen.nextEvent(timeoutMilliseconds: nil) else { continue }
        switch event {
        case .key(.character("q")): return 0
        case .key(.character("p")):
            show(rows)
            continue
        case .key(.character("b")):
            let bell = doorbell
            Thread.detachNewThread { bell.ring() }
            continue
        case .key(.character("r")):
            isRinging = true
            let bell = doorbell
            Thread.detachNewThread {
                while true {
                    bell.ring()
                    usleep(2_000)
                }
            }
        case .mailbox where isRinging: continue
        case .key(.paste(let text)) where text.utf8.count > 1_000:
            rows.append("paste of \(text.utf8.count)")
            show(rows)
            continue
        case .key(.character("e")):
            screen.suspend()
            system(arguments[2])
            screen.resume()
        case .hangup: return 3
        case .terminate: return 4
        default: break
        }
        rows.append(name(event))
        show(rows)
    }
}

/// Draws the texts of a file, which are parted by zero bytes, twelve columns each.
@MainActor func drawFile() {
    let data = FileManager.default.contents(atPath: arguments[2]) ?? Data()
    var surface = Surface(size: screen.size)
    var place = 0
    let perRow = screen.size.columns / 12
    for text in data.split(separator: 0, omittingEmptySubsequences: false) {
        surface.put(
            String(decoding: text, as: UTF8.self),
            x: place % perRow * 12,
            y: place / perRow,
            width: 12,
            role: Role.allCases[place % Role.allCases.count]
        )
        place += 1
        if place == perRow * screen.size.rows {
            screen.present(surface, palette: .plain)
            surface = Surface(size: screen.size)
            place = 0
        }
    }
    if place > 0 { screen.present(surface, palette: .plain) }
}

func overflow(_ depth: Int) -> Int { depth < 0 ? 0 : overflow(depth + 1) &+ depth }

var status: Int32 = 0
switch mode {
case "listen": status = listen()
case "draw":
    drawFile()
    // What was drawn last stays until somebody looked.
    while screen.nextEvent(timeoutMilliseconds: nil) != .key(.character("q")) {}
case "stuck":
    show([])
    while true { poll(nil, 0, -1) }
case "die":
    show([])
    while screen.nextEvent(timeoutMilliseconds: nil) != .key(.character("x")) {}
    switch arguments[2] {
    case "segv": UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
    case "trap": status = Int32([1, 2].dropFirst(arguments.count).first!)
    case "overflow": status = Int32(truncatingIfNeeded: overflow(0))
    case "abort": abort()
    case "exit": exit(7)
    default: raise(Int32(arguments[2]) ?? SIGKILL)
    }
default:
    FileHandle.standardError.write(Data("unknown: \(mode)\n".utf8))
    status = 2
}
screen.close()
exit(status)
