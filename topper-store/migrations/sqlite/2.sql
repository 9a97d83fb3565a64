-- What is known of an event that is not done. After a handler has failed, no one owns the row: owner is
-- empty, and expires_at is 0. Once it is done, failed_at and last_error are null.
ALTER TABLE topper_event ADD COLUMN first_seen_at INTEGER; -- when it was first claimed
ALTER TABLE topper_event ADD COLUMN attempts      INTEGER NOT NULL DEFAULT 1; -- how often it was claimed
ALTER TABLE topper_event ADD COLUMN failed_at     INTEGER; -- when its handler failed last
ALTER TABLE topper_event ADD COLUMN last_error    TEXT;    -- why: one line, at most 500 characters
ALTER TABLE topper_event ADD COLUMN inbox         INTEGER; -- its row in topper_inbox, if it was accepted there

CREATE INDEX topper_event_failed ON topper_event (failed_at) WHERE failed_at IS NOT NULL;

-- One row an event of the inbox, and its content in topper_body. Both are deleted some time after it is
-- done; its row in topper_event stays. Times are milliseconds since 1970.
CREATE TABLE topper_inbox (
    row         INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order they were received in
    label       TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    order_id    TEXT,
    updated_at  INTEGER,           -- of the order
    rank        INTEGER NOT NULL,  -- of the event's name
    received_at INTEGER NOT NULL,
    state       INTEGER NOT NULL,  -- 0 pending, 1 parked, 2 dead, 3 done, 4 buried
    due_at      INTEGER NOT NULL,  -- of a pending event: the next attempt, or the end of its lease
    owner       BLOB,              -- 16 random bytes: who leased it, or did last
    attempts    INTEGER NOT NULL DEFAULT 0,
    tries       INTEGER NOT NULL DEFAULT 0, -- attempts since it was accepted, or retried by hand
    tried_since INTEGER NOT NULL,  -- when that was
    last_error  TEXT,              -- one line, at most 500 characters
    failed_at   INTEGER,
    reader      TEXT,              -- of a parked event: the version that could not read it
    done_at     INTEGER            -- when it was done or buried
) STRICT;

CREATE INDEX topper_inbox_due   ON topper_inbox (due_at) WHERE state = 0;
CREATE INDEX topper_inbox_order ON topper_inbox (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX topper_inbox_open  ON topper_inbox (state) WHERE state <> 3;
CREATE INDEX topper_inbox_done  ON topper_inbox (done_at, state) WHERE done_at IS NOT NULL;

CREATE TABLE topper_body (
    row        INTEGER PRIMARY KEY, -- that of topper_inbox
    body       BLOB NOT NULL,       -- the bytes that were signed
    signature  TEXT NOT NULL,       -- a detached JWS
    public_key TEXT NOT NULL        -- that it was accepted under: a JWK
) STRICT;
