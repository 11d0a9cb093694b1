// The words of Python and of the REPL that the lexer knows.

enum PythonWords {
    static let keywords: Set<String> = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ]

    /// What a run's REPL has beyond Python.
    static let replNames: Set<String> = [
        "llm_query", "llm_query_batched", "rlm_query", "rlm_query_batched", "SHOW_VARS", "FINAL", "FINAL_VAR", "answer",
        "context", "history", "SubcallError", "BatchError", "LimitReached",
    ]

    static let builtins: Set<String> = [
        "abs", "all", "any", "bool", "bytes", "callable", "chr", "dict", "dir", "divmod", "enumerate", "eval", "exec",
        "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash", "hex", "id", "input", "int",
        "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next", "object", "open", "ord", "pow",
        "print", "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "str", "sum", "super",
        "tuple", "type", "vars", "zip", "Exception", "ValueError", "TypeError", "KeyError", "IndexError", "NameError",
        "RuntimeError", "AttributeError", "StopIteration", "self", "cls",
    ]

    static let stringPrefixes: Set<String> = [
        "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt",
    ]
}
