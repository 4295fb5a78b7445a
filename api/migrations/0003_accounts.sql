-- Accounts of the studio, their sessions, and the failed sign-ins. Words as in 0001. No person is named: a login is
-- whatever the organisation calls a seat.

CREATE TABLE accounts (
    login TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    role TEXT NOT NULL,
    territories TEXT NOT NULL,
    created BIGINT NOT NULL
);

-- Known by the hash of the token that stands in the cookie.
CREATE TABLE sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_login ON sessions (login);

-- Failed sign-ins in a row, by the hash of the login, whether there is such an account or not.
CREATE TABLE sign_ins (
    hash TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    until BIGINT NOT NULL
);
