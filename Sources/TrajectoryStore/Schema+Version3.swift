// What version 3 adds: forks, holds, answers fetched ahead, and indexes of what went wrong.

extension Schema {
    /// Brings the tables of version 2 to version 3. Foreign keys are off while it runs, as GRDB sees to.
    static let version3 = """
        ALTER TABLE run ADD COLUMN name TEXT;
        ALTER TABLE run ADD COLUMN note TEXT;
        ALTER TABLE run ADD COLUMN change TEXT;
        ALTER TABLE run ADD COLUMN hash_seed INTEGER;
        ALTER TABLE run ADD COLUMN random_seed INTEGER;
        ALTER TABLE run ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE run ADD COLUMN is_whole INTEGER NOT NULL DEFAULT 1;

        ALTER TABLE call ADD COLUMN calls_cancelled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE call ADD COLUMN calls_limited INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE call ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;

        ALTER TABLE iteration ADD COLUMN run INTEGER REFERENCES run(row);
        ALTER TABLE iteration ADD COLUMN calls_cancelled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE iteration ADD COLUMN calls_limited INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE iteration ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;

        ALTER TABLE block ADD COLUMN run INTEGER REFERENCES run(row);
        ALTER TABLE block ADD COLUMN stdout_hash BLOB;
        ALTER TABLE block ADD COLUMN stderr_hash BLOB;
        ALTER TABLE block ADD COLUMN answer INTEGER REFERENCES text(id);

        ALTER TABLE hold ADD COLUMN preview TEXT NOT NULL DEFAULT '';
        ALTER TABLE hold ADD COLUMN answer INTEGER REFERENCES text(id);
        ALTER TABLE hold ADD COLUMN change TEXT;

        CREATE TABLE completion_3 (
            id INTEGER PRIMARY KEY,
            run INTEGER REFERENCES run(row),
            iteration INTEGER REFERENCES iteration(id),
            call INTEGER REFERENCES call(id),
            attempt INTEGER NOT NULL,
            request_key BLOB,
            model TEXT,
            parameters TEXT NOT NULL,
            messages INTEGER REFERENCES message(id),
            response INTEGER REFERENCES text(id),
            reasoning INTEGER REFERENCES text(id),
            partial BLOB,
            status TEXT NOT NULL,
            origin TEXT NOT NULL,
            failure TEXT,
            tokens_in INTEGER, tokens_out INTEGER, tokens_cached INTEGER, tokens_reasoning INTEGER, cost REAL,
            finish_reason TEXT,
            retries INTEGER NOT NULL DEFAULT 0,
            started_at REAL, first_byte_at REAL, ended_at REAL,
            CHECK ((iteration IS NOT NULL) + (call IS NOT NULL) + (run IS NOT NULL) = 1)
        );
        INSERT INTO completion_3(id, iteration, call, attempt, request_key, model, parameters, messages, response,
                reasoning, partial, status, origin, failure, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost,
                finish_reason, retries, started_at, first_byte_at, ended_at)
            SELECT id, iteration, call, attempt, request_key, model, parameters, messages, response, reasoning, partial,
                status, origin, failure, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, finish_reason, retries,
                started_at, first_byte_at, ended_at
            FROM completion ORDER BY id;
        DROP TABLE completion;
        ALTER TABLE completion_3 RENAME TO completion;
        CREATE UNIQUE INDEX completion_by_iteration ON completion(iteration, attempt) WHERE iteration IS NOT NULL;
        CREATE UNIQUE INDEX completion_by_call ON completion(call, attempt) WHERE call IS NOT NULL;
        CREATE INDEX completion_by_key ON completion(request_key) WHERE request_key IS NOT NULL;
        CREATE INDEX completion_by_run ON completion(run) WHERE run IS NOT NULL;

        UPDATE iteration SET run = (SELECT c.run FROM call c WHERE c.id = iteration.call);
        UPDATE block SET run = (SELECT i.run FROM iteration i WHERE i.id = block.iteration);

        CREATE TEMP TABLE counted AS
            WITH RECURSIVE above(iteration, cancelled, limited) AS (
                SELECT iteration, status = 'cancelled', status = 'limited' FROM call
                    WHERE status IN ('cancelled', 'limited') AND iteration IS NOT NULL
                UNION ALL
                SELECT c.iteration, cancelled, limited FROM above
                    JOIN iteration i ON i.id = above.iteration JOIN call c ON c.id = i.call
                    WHERE c.iteration IS NOT NULL
            )
            SELECT iteration, sum(cancelled) AS cancelled, sum(limited) AS limited FROM above GROUP BY iteration;
        UPDATE iteration SET calls_cancelled = counted.cancelled, calls_limited = counted.limited
            FROM counted WHERE counted.iteration = iteration.id;
        UPDATE call SET calls_cancelled = below.cancelled, calls_limited = below.limited
            FROM (SELECT i.call AS call, sum(counted.cancelled) AS cancelled, sum(counted.limited) AS limited
                FROM counted JOIN iteration i ON i.id = counted.iteration GROUP BY i.call) AS below
            WHERE below.call = call.id;
        DROP TABLE counted;

        UPDATE iteration SET requests = 1
            WHERE id IN (SELECT iteration FROM completion WHERE status = 'running' AND iteration IS NOT NULL);
        UPDATE iteration SET requests = requests + (
            SELECT count(*) FROM call c JOIN completion k ON k.call = c.id
            WHERE c.iteration = iteration.id AND k.status = 'running'
        ) WHERE id IN (SELECT c.iteration FROM completion k JOIN call c ON c.id = k.call WHERE k.status = 'running');
        CREATE TEMP TABLE counted AS
            WITH RECURSIVE above(call, requests) AS (
                SELECT call, requests FROM iteration WHERE requests > 0
                UNION ALL
                SELECT i.call, above.requests FROM above
                    JOIN call c ON c.id = above.call JOIN iteration i ON i.id = c.iteration
            )
            SELECT call, sum(requests) AS requests FROM above GROUP BY call;
        UPDATE call SET requests = counted.requests FROM counted WHERE counted.call = call.id;
        UPDATE iteration SET requests = iteration.requests + below.requests
            FROM (SELECT c.iteration AS iteration, sum(counted.requests) AS requests
                FROM counted JOIN call c ON c.id = counted.call WHERE c.iteration IS NOT NULL GROUP BY c.iteration) AS below
            WHERE below.iteration = iteration.id;
        DROP TABLE counted;

        CREATE INDEX call_by_problem ON call(run, status, freshness) WHERE \(isNoted);
        CREATE INDEX iteration_by_problem ON iteration(run, status, freshness) WHERE \(isNoted);
        CREATE INDEX block_by_problem ON block(run, status, freshness) WHERE current = 1 AND (\(isNoted));
        CREATE INDEX call_by_share ON call(run) WHERE shared_call IS NOT NULL;

        CREATE TABLE row_range (next INTEGER NOT NULL);
        INSERT INTO row_range SELECT 1 + max(
            (SELECT coalesce(max(id), 0) FROM call), (SELECT coalesce(max(id), 0) FROM iteration),
            (SELECT coalesce(max(id), 0) FROM block), (SELECT coalesce(max(id), 0) FROM completion)
        );
        """

    /// What the indexes of problems hold. A query that says it word for word is answered from them. Those that have not
    /// ended are in it, since they never will once their engine is gone.
    static let isNoted = "status <> 'succeeded' OR freshness <> 'fresh'"
}
