-- Version 1. Events of one trace lie together, so that reading a trace is one walk over a few pages.
-- A new version is a new file and a new line in schema.rs; this one is never edited once it was released.

-- Words that many events share: event types, span names, services, places in the source.
CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE events (
    trace BLOB NOT NULL,      -- 16 bytes
    span BLOB NOT NULL,       -- 8 bytes
    type INTEGER NOT NULL,    -- names.id
    status INTEGER NOT NULL,  -- 0 pending, 1 success, 2 failed
    parent BLOB,              -- 8 bytes
    name INTEGER NOT NULL,    -- names.id of the span name
    at INTEGER NOT NULL,      -- nanoseconds since 1970
    duration INTEGER,         -- nanoseconds
    service INTEGER,          -- names.id
    source INTEGER,           -- names.id
    body BLOB,                -- JSON of the keys that have no column; NULL when there are none
    PRIMARY KEY (trace, span, type, status)
) STRICT, WITHOUT ROWID;

-- One row a trace, kept up to date with its events in the same transaction: lists and look-ups never read events.
CREATE TABLE traces (
    trace BLOB NOT NULL PRIMARY KEY,
    tail INTEGER NOT NULL,    -- the last 8 hex digits in reverse order, so that a typed suffix is a range
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    events INTEGER NOT NULL,
    failed INTEGER NOT NULL,  -- 1 when a span without a parent failed
    root BLOB,                -- the span without a parent that began first
    root_name INTEGER,        -- names.id
    root_began INTEGER,
    root_status INTEGER,
    root_duration INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX traces_by_tail ON traces (tail);
CREATE INDEX traces_by_time ON traces (began);
CREATE INDEX traces_by_failure ON traces (began) WHERE failed = 1;
