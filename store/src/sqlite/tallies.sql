-- Version 6. What ended in a block of 64 neighbours among the traces, counted as it came; see tally.rs. A block that
-- has none is read row by row, and so is one whose traces have another number of events.
CREATE TABLE tallies (
    place INTEGER PRIMARY KEY, -- traces.no / 64, and in its last 20 bits which part of what was counted there
    events INTEGER NOT NULL,  -- how many rows of events it is of
    sums BLOB NOT NULL
) STRICT;

-- Those that are under way for more than an hour are few: all others that were under way at a moment ended within the
-- hour behind it.
CREATE INDEX traces_of_long ON traces (ended, began) WHERE ended - began > 3600000000000;
