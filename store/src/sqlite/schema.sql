-- Version 4, the first that was released: those before are refused. Events of one trace lie together, so that reading a
-- trace is one walk over a few pages. A new version is a new step in schema.rs; this one is never edited once it was
-- released.

-- Words that many events share: event types, span names, services, places in the source, names of fields. They stay.
CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    loose INTEGER             -- 1 when a field of that name may have values that no label leads to
) STRICT;

-- One row a trace, kept up to date with its events in the same transaction, so that lists and look-ups read no events,
-- but for two: a list reads those of a trace of which no root is here, unless there are many; and whether a trace is of
-- a job, its events say, most often the first one.
CREATE TABLE traces (
    no INTEGER PRIMARY KEY,   -- in the order in which they came here
    trace BLOB NOT NULL UNIQUE, -- the id with its last hex digit in front, so that typed last digits are a range
    base INTEGER NOT NULL,    -- the id of one of its spans, as a signed number; those of the others are counted from it
    began INTEGER NOT NULL,   -- nanoseconds since 1970
    ended INTEGER NOT NULL,
    events INTEGER NOT NULL,
    failed INTEGER NOT NULL,  -- 1 when a span without a parent failed; else, when one below failed, 2, or 3 as long as
                              -- none without a parent is here
    root INTEGER,             -- the span without a parent that began first, counted as in events
    root_name ANY,            -- names.id, or the text itself where there were too many names
    root_began INTEGER,
    root_status INTEGER,
    root_duration INTEGER,
    words BLOB                -- texts that its events repeat, and by which it is found; see words.rs
) STRICT;

CREATE INDEX traces_by_time ON traces (began);
CREATE INDEX traces_by_end ON traces (ended, began);
CREATE INDEX traces_by_failure ON traces (failed, began) WHERE failed > 0;

CREATE TABLE events (
    trace INTEGER NOT NULL,   -- traces.no
    span INTEGER NOT NULL,    -- its id less traces.base, in 64 bits that wrap around
    type ANY NOT NULL,        -- names.id, or the text itself where there were too many names
    status INTEGER NOT NULL,  -- 0 pending, 1 success, 2 failed
    up INTEGER,               -- the span's id less that of its parent, in 64 bits that wrap around
    name ANY,                 -- of the span, as type; NULL when it is the type
    at INTEGER NOT NULL,      -- nanoseconds since 1970
    duration INTEGER,         -- nanoseconds
    service ANY,              -- as type
    source ANY,               -- as type
    weight INTEGER,           -- how many it stands for; NULL is 1
    number INTEGER NOT NULL,  -- in the order in which they came here
    body BLOB,                -- the keys that have no column, see body.rs; NULL when there are none
    PRIMARY KEY (trace, span, type, status)
) STRICT, WITHOUT ROWID;

-- Which traces hold a value by which people search: a hash of key and value, with the age of the trace in front of it
-- since version 6 (labels.rs), and traces.no. Told apart by reading on.
CREATE TABLE labels (
    label INTEGER NOT NULL,
    trace INTEGER NOT NULL,
    PRIMARY KEY (label, trace)
) STRICT, WITHOUT ROWID;

-- The same for what many traces share, such as event types: in which 64 neighbours among the traces it occurs.
CREATE TABLE marks (
    mark INTEGER NOT NULL,
    block INTEGER NOT NULL,   -- traces.no / 64
    PRIMARY KEY (mark, block)
) STRICT, WITHOUT ROWID;

-- What came together, so that whoever follows the file reads what is new. Only the last ones are kept.
CREATE TABLE batches (
    last INTEGER PRIMARY KEY, -- events.number of its last event; those of the next one begin behind it
    spans BLOB NOT NULL       -- which spans of which traces, see batches.rs
) STRICT;

-- One row: the highest numbers that are gone, so that whoever comes back later is told, and none is given twice.
CREATE TABLE gone (
    number INTEGER NOT NULL,  -- events.number
    trace INTEGER NOT NULL    -- traces.no
) STRICT;
INSERT INTO gone VALUES (0, 0);

-- For people with a shell of SQLite.
CREATE VIEW readable_traces AS SELECT
    no, lower(hex(trace)) AS reversed_id, datetime(began / 1000000000, 'unixepoch') AS began,
    (ended - began) / 1e6 AS ms, events, failed, coalesce(name, root_name) AS root
FROM traces LEFT JOIN names ON names.id = root_name;

CREATE VIEW readable_events AS SELECT
    events.trace AS no, printf('%016x', base + span) AS span, printf('%016x', base + span - up) AS parent,
    coalesce(type.name, events.type) AS type,
    CASE status WHEN 0 THEN 'pending' WHEN 1 THEN 'success' ELSE 'failed' END AS status,
    coalesce(name.name, events.name, type.name, events.type) AS name,
    datetime(at / 1000000000, 'unixepoch') AS at, duration / 1e6 AS ms,
    coalesce(service.name, events.service) AS service, coalesce(source.name, events.source) AS source
FROM events JOIN traces ON traces.no = events.trace
LEFT JOIN names AS type ON type.id = events.type LEFT JOIN names AS name ON name.id = events.name
LEFT JOIN names AS service ON service.id = events.service LEFT JOIN names AS source ON source.id = events.source;
