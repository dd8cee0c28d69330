-- Version 3. The order in which events arrived, which is the order of a search and of a tail; see arrivals.rs.
CREATE TABLE arrivals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, also not after a purge
    trace BLOB NOT NULL,
    span BLOB NOT NULL,
    type INTEGER NOT NULL,
    status INTEGER NOT NULL
) STRICT;

-- What was there before, as if it had arrived when it happened.
INSERT INTO arrivals (trace, span, type, status) SELECT trace, span, type, status FROM events ORDER BY at;

CREATE INDEX arrivals_by_trace ON arrivals (trace, number);

-- One row: the highest number that was purged.
CREATE TABLE purged (number INTEGER NOT NULL) STRICT;
INSERT INTO purged VALUES (0);

CREATE INDEX traces_by_end ON traces (ended);
