import Testing
import Trajectory

@testable import REPL

@Suite struct VariableTests {
    @Test func haveTypeSizeAndPreview() async throws {
        try await withREPL { repl in
            let code = """
                import json
                __hidden__ = 1
                n = 3
                s = 'x' * 1000
                l = [1, 'two', None]
                d = {'a': [1.5, (True,)]}
                e = set()
                def f(x, y): return x
                class C: pass
                c = C()
                big = 10 ** 10000
                """
            let variables = await repl.run(code).variables
            #expect(variables.map(\.name) == ["n", "s", "l", "d", "e", "f", "C", "c", "big"])
            #expect(
                variables.map(\.type) == ["int", "str", "list[3]", "dict[1]", "set[0]", "function", "type", "C", "int"]
            )
            #expect(variables[1].preview == "'" + String(repeating: "x", count: 199))
            #expect(variables[1].byteCount.map { $0 >= 1000 && $0 < 1200 } == true)
            #expect(
                [2, 3, 4, 5, 6, 7, 8].map { variables[$0].preview } == [
                    "[1, 'two', None]", "{'a': [1.5, (True,)]}", "set()", "<function f(x, y)>", "<class C>",
                    "<C object>", "<int of 33220 bits>",
                ]
            )
            #expect(variables.allSatisfy { $0.isChanged })
        }
    }

    @Test func sayWhetherTheBlockChangedThem() async throws {
        try await withREPL { repl in
            let code = """
                n = 1; m = 1; s = 'a'; l = [1, 2, 3]; d = {'k': [1]}; q = {'k': [1]}; big = list(range(5000))
                class C: pass
                c = C(); o = C()
                """
            _ = await repl.run(code)
            let result = await repl.run("m = 2; l[1] = 9; d['k'].append(2); big[2500] = 0; c.x = 1; new = 0")
            #expect(result.variables.filter(\.isChanged).map(\.name) == ["m", "l", "d", "big", "c", "new"])
        }
    }

    @Test func areListedWithoutRunningTheirCode() async throws {
        try await withREPL { repl in
            let code = """
                class Meta(type):
                    def __getattribute__(cls, name): raise SystemExit
                    def __eq__(cls, other): raise SystemExit
                    __hash__ = type.__hash__
                class Hostile(dict, metaclass=Meta):
                    def __repr__(self): raise SystemExit
                    __len__ = __sizeof__ = __iter__ = __getattribute__ = __class__ = items = __repr__
                    __eq__ = __hash__ = __repr__
                h = Hostile()
                class Slow:
                    def __repr__(self):
                        while True: pass
                    __len__ = __sizeof__ = __str__ = __repr__
                inside = [Slow(), {'k': Slow()}]
                loop = []; loop.append(loop)
                globals()[3] = 'not a name'
                globals()['odd\\ud800'] = 'x\\ud800'
                """
            let result = await repl.run(code)
            #expect(result.outcome == .clean)
            #expect(result.variables.map(\.name) == ["Meta", "Hostile", "h", "Slow", "inside", "loop", "odd?"])
            #expect(result.variables[4].preview == "[<Slow object>, {'k': <Slow object>}]")
        }
    }

    @Test func areCheapToList() async throws {
        try await withREPL { repl in
            let code = "t = 'x' * 100_000_000\nl = list(range(3_000_000))\nd = {i: [i] for i in range(200_000)}\n"
            _ = await repl.run(
                code + "many = {i: {} for i in range(1000)}\nglobals().update({'v%d' % i: l for i in range(3000)})"
            )
            let result = await repl.run("pass")
            #expect(result.variables.count == 1000)
            #expect(result.seconds < 2)
            #expect(result.variables[1].byteCount.map { $0 > 50_000_000 } == true)
        }
    }
}
