-- The store, first version. Written for both databases in their common words; BIGINT is read as INTEGER by SQLite
-- (so that a BIGINT PRIMARY KEY is its row number), and TEXT sorts by bytes in PostgreSQL, as it does in SQLite.
-- Times are milliseconds since 1970. A reader is a number everywhere but in `names`.

-- One row. A writer locks it first, so that numbers are given in the order of commits.
CREATE TABLE counter (
    only_one BIGINT PRIMARY KEY CHECK (only_one = 1),
    sequence BIGINT NOT NULL,
    reader BIGINT NOT NULL,
    at BIGINT NOT NULL
);
INSERT INTO counter (only_one, sequence, reader, at) VALUES (1, 0, 0, 0);

-- The change log, from 1 without a gap. An erased entry keeps its number and loses its body.
CREATE TABLE log (
    sequence BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    op TEXT NOT NULL,
    reader BIGINT,
    body TEXT
);
CREATE INDEX log_reader ON log (reader) WHERE reader IS NOT NULL;

CREATE TABLE offers (
    id TEXT NOT NULL PRIMARY KEY,
    updated_at BIGINT,
    body TEXT NOT NULL
);

CREATE TABLE venues (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

-- The only place where a reader's identifier stands. A row is never deleted nor moved, only emptied in place:
-- SQLite then leaves no copy of it in a page's unused part.
CREATE TABLE names (
    reader BIGINT PRIMARY KEY,
    hash TEXT UNIQUE,
    id TEXT
);

CREATE TABLE profiles (
    reader BIGINT PRIMARY KEY,
    personalisation BIGINT NOT NULL,
    body TEXT NOT NULL
);

-- By their place in the log, which is the order of their arrival.
CREATE TABLE events (
    sequence BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    reader BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX events_reader ON events (reader, sequence);

CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    territories TEXT NOT NULL,
    note TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT
);

CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX requests_at ON requests (at);

CREATE TABLE request_readers (
    reader BIGINT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (reader, request)
);
CREATE INDEX request_readers_request ON request_readers (request);
