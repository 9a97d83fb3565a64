-- One row an event: leased (expires_at) or done (done_at), never both.
-- Bytes, because an id may have a NUL: convert_from(id, 'UTF8') shows it.
CREATE TABLE topper_event (
    label      bytea NOT NULL, -- of the endpoint, UTF-8
    id         bytea NOT NULL, -- of the event, UTF-8
    owner      bytea NOT NULL, -- 16 random bytes: who leased or did it
    expires_at timestamptz,    -- when the lease ends
    done_at    timestamptz,
    PRIMARY KEY (label, id),
    CHECK ((expires_at IS NULL) <> (done_at IS NULL))
)
-- Each row is updated once, soon after it was inserted; with room on its page no index is touched.
WITH (fillfactor = 70);
