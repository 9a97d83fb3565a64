-- What is known of an event that is not done. After a handler has failed, no one owns the row: owner is
-- empty, and expires_at is '-infinity'. Once it is done, failed_at and last_error are null.
ALTER TABLE topper_event
    ADD COLUMN first_seen_at timestamptz, -- when it was first claimed
    ADD COLUMN attempts      integer NOT NULL DEFAULT 1, -- how often it was claimed
    ADD COLUMN failed_at     timestamptz, -- when its handler failed last
    ADD COLUMN last_error    bytea,       -- why: one line, at most 500 characters, UTF-8
    ADD COLUMN inbox         bigint;      -- its row in topper_inbox, if it was accepted there

-- It must not mention done_at: marking an event touches no index then.
CREATE INDEX topper_event_failed ON topper_event (failed_at) WHERE failed_at IS NOT NULL;

-- One row an event of the inbox, and its content in topper_body. Both are deleted some time after it is
-- done; its row in topper_event stays.
CREATE TABLE topper_inbox (
    row         bigserial   PRIMARY KEY, -- in the order they were received in
    label       bytea       NOT NULL, -- UTF-8, as id, name, order_id and last_error
    id          bytea       NOT NULL,
    name        bytea       NOT NULL,
    order_id    bytea,
    updated_at  bigint,               -- of the order, in milliseconds since 1970
    rank        smallint    NOT NULL, -- of the event's name
    received_at timestamptz NOT NULL,
    state       smallint    NOT NULL, -- 0 pending, 1 parked, 2 dead, 3 done, 4 buried
    due_at      timestamptz NOT NULL, -- of a pending event: the next attempt, or the end of its lease
    owner       bytea,                -- 16 random bytes: who leased it, or did last
    attempts    integer     NOT NULL DEFAULT 0,
    tries       integer     NOT NULL DEFAULT 0, -- attempts since it was accepted, or retried by hand
    tried_since timestamptz NOT NULL, -- when that was
    last_error  bytea,                -- one line, at most 500 characters
    failed_at   timestamptz,
    reader      bytea,                -- of a parked event: the version that could not read it
    done_at     timestamptz           -- when it was done or buried
)
-- What was taken leaves dead entries at the front of the index of what is due: they must not pile up.
WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX topper_inbox_due   ON topper_inbox (due_at, row) WHERE state = 0;
-- An index holds nothing that is too long, and an id may be of any length.
CREATE INDEX topper_inbox_order ON topper_inbox (substr(order_id, 1, 255), state)
    WHERE order_id IS NOT NULL;
CREATE INDEX topper_inbox_stuck ON topper_inbox (state, row) WHERE state IN (1, 2);
CREATE INDEX topper_inbox_done  ON topper_inbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE topper_body (
    row        bigint PRIMARY KEY, -- that of topper_inbox
    body       bytea  NOT NULL,    -- the bytes that were signed
    signature  bytea  NOT NULL,    -- a detached JWS
    public_key bytea  NOT NULL     -- that it was accepted under: a JWK
);
