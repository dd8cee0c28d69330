-- Version 7. traces.trace is 17 bytes: whether the id says when it was made, then when, and the rest of it turned, or all
-- of it turned; see ids.rs. What is there already is rewritten behind this.

-- For people with a shell of SQLite: the id as it is written everywhere else.
DROP VIEW readable_traces;
CREATE VIEW readable_traces AS SELECT
    no, CASE WHEN h < '01' THEN substr(h, 3, 7) || back ELSE back || front END AS id,
    datetime(began / 1000000000, 'unixepoch') AS began,
    (ended - began) / 1e6 AS ms, events, failed, coalesce(name, root_name) AS root
FROM (
    SELECT *,
        substr(h, 9, 1) || substr(h, 8, 1) || substr(h, 7, 1) || substr(h, 6, 1) || substr(h, 5, 1) ||
        substr(h, 4, 1) || substr(h, 3, 1) AS front,
        substr(h, 34, 1) || substr(h, 33, 1) || substr(h, 32, 1) || substr(h, 31, 1) || substr(h, 30, 1) ||
        substr(h, 29, 1) || substr(h, 28, 1) || substr(h, 27, 1) || substr(h, 26, 1) || substr(h, 25, 1) ||
        substr(h, 24, 1) || substr(h, 23, 1) || substr(h, 22, 1) || substr(h, 21, 1) || substr(h, 20, 1) ||
        substr(h, 19, 1) || substr(h, 18, 1) || substr(h, 17, 1) || substr(h, 16, 1) || substr(h, 15, 1) ||
        substr(h, 14, 1) || substr(h, 13, 1) || substr(h, 12, 1) || substr(h, 11, 1) || substr(h, 10, 1) AS back
    FROM (SELECT *, lower(hex(trace)) AS h FROM traces)
) LEFT JOIN names ON names.id = root_name;
