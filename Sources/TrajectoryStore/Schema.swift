// The tables of a trajectory store, and the one place that makes and migrates them.
internal import GRDB

/// The tables, by the words of the project: made as version 1 and brought up to date by the migrations after it.
///
/// **Texts and messages.** `text` holds each distinct text once, by the SHA-256 of its UTF-8, as a blob: SQLite's text
/// values end at a NUL for many of its functions, a model's do not. `text_index` is the full-text index over the
/// searchable ones and takes its content from there: not the history that an iteration is sent, which says again what
/// stands in answers and outputs, nor the system prompt of every run. The index takes them in many at a time, when the
/// writer is idle or many wait: a segment of the index for each small commit would cost more than the rest of it. Those
/// that wait are the searchable ones after `text_index_state.last`, and those of `unindexed_text`, which became searchable
/// when it had passed them. A prompt is a chain of `message` rows, each pointing at the one before (`parent`, 0 for
/// none), unique by parent, role and text: prompts that begin alike share their beginning, so a run of n iterations costs
/// n messages and not n². `call.prompt` and `completion.messages` name the last message of a chain.
///
/// **Attempts.** A completion belongs to an iteration or to an `llm` call; (owner, `attempt`) is unique, and the owner's
/// `attempt` column says which one is current, `attempts` how many there are. Blocks are rows for each (iteration,
/// ordinal, attempt), one of them `current`. An edit or re-run adds rows and moves "current", and changes nothing else.
///
/// **Totals.** A call and an iteration carry the sums of the completions at and below them (every attempt that was paid)
/// and the counts of calls below them. The columns `tokens_*` and `cost` are NULL while nothing was reported. They are
/// changed in the transaction that changes what they sum. A run shows those of its root call. `requests` counts those on
/// their way to a model: an iteration's own and those of the plain calls below it. A call that is recorded or written by
/// a person was not paid, and adds to no usage.
///
/// **Answers fetched ahead** are completions that nobody has asked for yet: they name their `run` and belong to no
/// iteration and no call until `claim` gives them one.
///
/// **Problems.** What failed, waits or is stale is found by the indexes `…_by_problem` over a run's calls, iterations
/// and blocks, which hold nothing but those.
///
/// **Ids** of calls, iterations, blocks and completions come from one counter, `row_range`, in ranges: a writer can give
/// them out before the row is written, and no other program gives out the same.
///
/// **Forks.** A fork is a run with a root call of its own, `forked_from` and `forked_at` (an address). What lies before
/// that address is not copied: every call on the path from the root to it is a row of the fork whose `shared_call`
/// names the original's call and `shared_iterations` how many of its first iterations the two have in common. Iteration
/// n of such a call is the original's while n ≤ `shared_iterations` (followed through forks of forks), else the fork's
/// own, numbered on from there; so addresses mean the same in both. Beside the path inside a re-executed iteration the
/// fork has rows of its own, of origin `recorded`, which cost a row and no text. Usage counts the fork's own rows: what
/// was shared was paid once, where it was made. Counts of calls count the shared ones too, as the tree shows them.
///
/// **Holds** are rows before they are shown, and outlive the explorer.
///
/// **Imports** are written in portions; `is_whole` is 0 until the last one, and what is not whole is not shown.
///
/// Dates are seconds since 1970, in UTC. Statuses, kinds and origins are the words themselves.
enum Schema {
    /// Written to the header of every store: "rlmt".
    static let applicationID = 0x726c_6d74

    /// The newest version this program knows.
    static let version = 3

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: tables)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
        }
        // Reasoning apart from the answer. Version 1 did not read it, so older completions have none.
        migrator.registerMigration("2") { db in
            try db.execute(sql: "ALTER TABLE completion ADD COLUMN reasoning INTEGER REFERENCES text(id)")
            try db.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("3") { db in
            try db.execute(sql: version3)
            try db.execute(sql: "PRAGMA user_version = 3")
        }
        return migrator
    }

    /// What a call and an iteration both carry.
    private static let totals = """
        tokens_in INTEGER, tokens_out INTEGER, tokens_cached INTEGER, tokens_reasoning INTEGER, cost REAL,
        completions INTEGER NOT NULL DEFAULT 0,
        unknown_tokens INTEGER NOT NULL DEFAULT 0,
        unknown_cost INTEGER NOT NULL DEFAULT 0,
        calls_queued INTEGER NOT NULL DEFAULT 0,
        calls_running INTEGER NOT NULL DEFAULT 0,
        calls_held INTEGER NOT NULL DEFAULT 0,
        calls_done INTEGER NOT NULL DEFAULT 0,
        calls_failed INTEGER NOT NULL DEFAULT 0,
        deepest INTEGER NOT NULL DEFAULT 0
        """

    /// Version 1, as it was written; what came later is in the migrations.
    private static let tables = """
        CREATE TABLE session (
            id TEXT PRIMARY KEY NOT NULL,
            created_at REAL NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE text (
            id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE,
            is_searchable INTEGER NOT NULL,
            content BLOB NOT NULL
        );

        CREATE VIEW searchable_text AS SELECT id, content FROM text WHERE is_searchable;
        CREATE VIRTUAL TABLE text_index USING fts5(
            content, content='searchable_text', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
        );
        INSERT INTO text_index(text_index, rank) VALUES ('hashsize', 4194304);
        CREATE TABLE text_index_state (last INTEGER NOT NULL);
        INSERT INTO text_index_state VALUES (0);
        CREATE TABLE unindexed_text (id INTEGER PRIMARY KEY REFERENCES text(id));

        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            parent INTEGER NOT NULL,
            role TEXT NOT NULL,
            text INTEGER NOT NULL REFERENCES text(id),
            UNIQUE (parent, role, text)
        );

        CREATE TABLE variable_set (
            id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE,
            json BLOB NOT NULL
        );

        CREATE TABLE context (
            hash TEXT PRIMARY KEY NOT NULL,
            byte_count INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE run (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            session TEXT NOT NULL REFERENCES session(id),
            turn INTEGER NOT NULL,
            question BLOB NOT NULL,
            model TEXT, sub_model TEXT, environment TEXT,
            mode TEXT NOT NULL,
            status TEXT NOT NULL,
            stop_reason TEXT,
            answer INTEGER REFERENCES text(id),
            failure TEXT,
            origin TEXT NOT NULL,
            source TEXT, source_format TEXT,
            source_hash TEXT,
            forked_from TEXT, forked_at TEXT,
            settings TEXT NOT NULL,
            created_at REAL NOT NULL,
            ended_at REAL,
            heartbeat_at REAL,
            pid INTEGER, host TEXT, boot TEXT,
            root INTEGER REFERENCES call(id) DEFERRABLE INITIALLY DEFERRED
        );
        CREATE INDEX run_by_age ON run(created_at DESC, row DESC);
        CREATE INDEX run_by_session ON run(session, turn);
        CREATE INDEX run_by_source ON run(source_hash) WHERE source_hash IS NOT NULL;
        CREATE INDEX run_by_fork ON run(forked_from) WHERE forked_from IS NOT NULL;

        CREATE TABLE run_context (
            run INTEGER NOT NULL REFERENCES run(row),
            ordinal INTEGER NOT NULL,
            name TEXT NOT NULL,
            context TEXT NOT NULL REFERENCES context(hash),
            type TEXT NOT NULL,
            parts TEXT NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (run, ordinal)
        ) WITHOUT ROWID;

        CREATE TABLE call (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run(row),
            iteration INTEGER REFERENCES iteration(id),
            ordinal INTEGER NOT NULL,
            block INTEGER REFERENCES block(id),
            batch INTEGER,
            kind TEXT NOT NULL,
            depth INTEGER NOT NULL,
            model TEXT,
            status TEXT NOT NULL,
            origin TEXT NOT NULL,
            freshness TEXT NOT NULL DEFAULT 'fresh',
            title TEXT NOT NULL,
            preview TEXT NOT NULL DEFAULT '',
            failure TEXT,
            prompt INTEGER REFERENCES message(id),
            answer INTEGER REFERENCES text(id),
            started_at REAL, ended_at REAL, seconds REAL,
            attempt INTEGER NOT NULL DEFAULT 1,
            attempts INTEGER NOT NULL DEFAULT 1,
            iterations INTEGER NOT NULL DEFAULT 0,
            shared_call INTEGER REFERENCES call(id),
            shared_iterations INTEGER NOT NULL DEFAULT 0,
            \(totals)
        );
        CREATE UNIQUE INDEX call_by_place ON call(iteration, ordinal) WHERE iteration IS NOT NULL;

        CREATE TABLE iteration (
            id INTEGER PRIMARY KEY,
            call INTEGER NOT NULL REFERENCES call(id),
            ordinal INTEGER NOT NULL,
            status TEXT NOT NULL,
            origin TEXT NOT NULL,
            freshness TEXT NOT NULL DEFAULT 'fresh',
            title TEXT NOT NULL DEFAULT '',
            preview TEXT NOT NULL DEFAULT '',
            failure TEXT,
            started_at REAL, ended_at REAL, seconds REAL,
            attempt INTEGER NOT NULL DEFAULT 1,
            attempts INTEGER NOT NULL DEFAULT 1,
            blocks INTEGER NOT NULL DEFAULT 0,
            calls INTEGER NOT NULL DEFAULT 0,
            \(totals),
            UNIQUE (call, ordinal)
        );

        CREATE TABLE block (
            id INTEGER PRIMARY KEY,
            iteration INTEGER NOT NULL REFERENCES iteration(id),
            ordinal INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            current INTEGER NOT NULL,
            code INTEGER NOT NULL REFERENCES text(id),
            title TEXT NOT NULL,
            preview TEXT NOT NULL DEFAULT '',
            status TEXT NOT NULL,
            origin TEXT NOT NULL,
            freshness TEXT NOT NULL DEFAULT 'fresh',
            failure TEXT,
            stdout INTEGER REFERENCES text(id),
            stderr INTEGER REFERENCES text(id),
            cut_bytes INTEGER NOT NULL DEFAULT 0,
            variables INTEGER REFERENCES variable_set(id),
            started_at REAL, ended_at REAL, seconds REAL, waiting_seconds REAL,
            UNIQUE (iteration, ordinal, attempt)
        );

        CREATE TABLE completion (
            id INTEGER PRIMARY KEY,
            iteration INTEGER REFERENCES iteration(id),
            call INTEGER REFERENCES call(id),
            attempt INTEGER NOT NULL,
            request_key BLOB,
            model TEXT,
            parameters TEXT NOT NULL,
            messages INTEGER REFERENCES message(id),
            response INTEGER REFERENCES text(id),
            partial BLOB,
            status TEXT NOT NULL,
            origin TEXT NOT NULL,
            failure TEXT,
            tokens_in INTEGER, tokens_out INTEGER, tokens_cached INTEGER, tokens_reasoning INTEGER, cost REAL,
            finish_reason TEXT,
            retries INTEGER NOT NULL DEFAULT 0,
            started_at REAL, first_byte_at REAL, ended_at REAL,
            CHECK ((iteration IS NULL) <> (call IS NULL))
        );
        CREATE UNIQUE INDEX completion_by_iteration ON completion(iteration, attempt) WHERE iteration IS NOT NULL;
        CREATE UNIQUE INDEX completion_by_call ON completion(call, attempt) WHERE call IS NOT NULL;
        CREATE INDEX completion_by_key ON completion(request_key) WHERE request_key IS NOT NULL;

        CREATE TABLE hold (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run(row),
            call INTEGER REFERENCES call(id),
            iteration INTEGER REFERENCES iteration(id),
            block INTEGER REFERENCES block(id),
            completion INTEGER REFERENCES completion(id),
            stage TEXT NOT NULL CHECK (stage IN ('before-send', 'before-run', 'before-deliver')),
            rule TEXT NOT NULL,
            state TEXT NOT NULL,
            action TEXT,
            created_at REAL NOT NULL,
            released_at REAL
        );
        CREATE INDEX hold_by_run ON hold(run, state);
        """
}
