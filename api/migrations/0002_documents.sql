-- Editorial documents: one mechanism for all kinds. Words as in 0001.

-- What stands now. `version` is the newest one saved; `published` is the one that readers see, if any.
CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    published BIGINT,
    archived BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Every version ever saved; a row is never changed.
CREATE TABLE document_versions (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    territory TEXT,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id, version)
);

-- Who did what, in order; only ever grows.
CREATE TABLE audit (
    number BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    author TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL
);
