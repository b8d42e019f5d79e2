-- What must survive: who there is, what they set, what was said to them, and what was answered.
-- Records are JSON as the core writes them; the columns beside them are what we look up by.

CREATE TABLE household (
    id   TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    household TEXT PRIMARY KEY,
    json      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One conversation: of a person, or of a device whose speaker is not known.
CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    updated_ms INTEGER NOT NULL,
    json       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE post (
    id             TEXT PRIMARY KEY,
    from_household TEXT NOT NULL,
    to_household   TEXT NOT NULL,
    left_ms        INTEGER NOT NULL,
    json           TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX post_from ON post (from_household, left_ms);
CREATE INDEX post_to ON post (to_household, left_ms);

CREATE TABLE call (
    id             TEXT PRIMARY KEY,
    from_household TEXT NOT NULL,
    to_household   TEXT NOT NULL,
    placed_ms      INTEGER NOT NULL,
    ended          INTEGER NOT NULL,
    json           TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX call_from ON call (from_household, placed_ms);
CREATE INDEX call_to ON call (to_household, placed_ms);

-- What a request was answered, so that its repeat is harmless.
CREATE TABLE reply (
    request TEXT PRIMARY KEY,
    body    BLOB NOT NULL,
    answer  TEXT NOT NULL,
    at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_at ON reply (at_ms);

-- The order of each thread's posts.
CREATE TABLE thread (
    id   TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
