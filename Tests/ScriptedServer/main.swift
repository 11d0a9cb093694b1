// A scripted model server as a program of its own, for benchmarks: this program and its peer meet the same one.
//
//     scripted-server SCENARIO MILLISECONDS
//
// prints its port and serves until stdin ends. A root model, known by its name `root`, says the scenario's turns one
// after the other; every other model answers "ok" after so many milliseconds.

import Foundation
import TestSupport

/// What the root says, turn by turn, by the name of the scenario. The code runs in both programs.
let scenarios: [String: [String]] = [
    // Three iterations, the second with 20 calls one after the other.
    "sequential": [
        "```repl\nprint(len(context))\n```",
        "```repl\nfound = []\nfor i in range(20):\n    found.append(llm_query('part %d: say ok' % i))\nprint(len(found))\n```",
        "```repl\nresult = ' '.join(found)\nanswer[\"content\"] = result\nanswer[\"ready\"] = True\n```",
    ],
    "sequential-200": [
        "```repl\nfound = []\nfor i in range(200):\n    found.append(llm_query('part %d: say ok' % i))\nprint(len(found))\n```",
        "```repl\nresult = ' '.join(found)\nanswer[\"content\"] = result\nanswer[\"ready\"] = True\n```",
    ],
    "batched": [
        "```repl\nfound = llm_query_batched(['part %d: say ok' % i for i in range(5000)])\nprint(len(found))\n```",
        "```repl\nresult = str(len(found))\nanswer[\"content\"] = result\nanswer[\"ready\"] = True\n```",
    ],
    // A context in a hundred slices, each shown to a sub-call.
    "slices": [
        "```repl\nsize = len(context) // 100\nfound = llm_query_batched([context[i * size:(i + 1) * size] for i in range(100)])\n"
            + "print(sorted(set(found)))\n```",
        "```repl\nFINAL(' '.join(found))\n```",
    ],
    "thousand": [
        "```repl\nfound = llm_query_batched(['part %d: say ok' % i for i in range(1000)])\n```",
        "```repl\nFINAL(str(len(found)))\n```",
    ],
    "ten-thousand": [
        "```repl\nfound = llm_query_batched(['part %d: say ok' % i for i in range(10000)])\nprint(len(found))\n```",
        "```repl\nFINAL(str(len(found)))\n```",
    ],
    // 200 blocks with ten sub-calls each.
    "rebuild": (0..<200).map { turn in
        "```repl\npart = llm_query_batched(['turn \(turn), part %d: say ok' % i for i in range(10)])\nprint(len(part))\n```"
    } + ["```repl\nFINAL(' '.join(part))\n```"],
    // 200 iterations that look at parts of the context and print two kilobytes each.
    "long": (0..<199).map { turn in
        let start = turn * 5000
        return
            "Part \(turn): I look at the next lines.\n```repl\npart_\(turn % 7) = context[\(start):\(start + 2000)]\n"
            + "print(part_\(turn % 7))\n```"
    } + ["```repl\nresult = 'done'\nanswer[\"content\"] = result\nanswer[\"ready\"] = True\n```"],
]

let arguments = CommandLine.arguments
guard arguments.count == 3, let turns = scenarios[arguments[1]], let milliseconds = Int(arguments[2]) else {
    FileHandle.standardError.write(
        Data("usage: scripted-server \(scenarios.keys.sorted().joined(separator: "|")) MILLISECONDS\n".utf8))
    exit(2)
}

let server = try ScriptedServer(isRecording: false) { request in
    guard request.model == "root" else {
        let reply = ScriptedReply.completion("ok")
        return milliseconds == 0 ? reply : reply.after(milliseconds: milliseconds)
    }
    let turn = request.roles.filter { $0 == "assistant" }.count
    let text = turn < turns.count ? turns[turn] : "There is no more to say."
    return request.isStreaming ? .stream([text]) : .completion(text)
}
// Written past the buffer of `print`, so that the reader has it at once.
FileHandle.standardOutput.write(Data("\(server.port)\n".utf8))
_ = FileHandle.standardInput.readDataToEndOfFile()
server.stop()
