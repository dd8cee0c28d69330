-- Version 5. The last word of each program that writes here, on what it has counted; see programs.rs.
CREATE TABLE programs (
    pid INTEGER NOT NULL,
    began INTEGER NOT NULL,   -- when it opened the file, nanoseconds since 1970
    at INTEGER NOT NULL,      -- when it said this
    service ANY,              -- names.id, or the text itself where there were too many names
    health TEXT NOT NULL,     -- a JSON object
    PRIMARY KEY (pid, began)
) STRICT, WITHOUT ROWID;
