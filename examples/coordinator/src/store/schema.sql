-- The coordinator's own state. Contexts and branches have tables of their own, made and dropped while workflows run.
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    -- The text of the definition: a run goes on with the one that it began with.
    definition TEXT NOT NULL,
    input TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'running',
    output TEXT,
    error TEXT,
    -- Of a nested workflow: the token whose task it is.
    parent_token TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_token ON runs (parent_token);
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY,
    run INTEGER NOT NULL,
    node TEXT NOT NULL,
    status TEXT NOT NULL,
    parent TEXT,
    branch TEXT,
    -- Both from the branch: what siblings have in common.
    opened_by TEXT,
    sibling_group TEXT,
    input TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS tokens_by_run ON tokens (run);
-- What was decided, before it is applied: `steps` says how much of a decision has been done.
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    source TEXT NOT NULL,
    token TEXT,
    applied INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS batches_by_token ON batches (run, source, token);
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL,
    decision TEXT NOT NULL,
    steps INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS decisions_by_batch ON decisions (batch);
