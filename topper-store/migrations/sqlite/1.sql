-- One row an event: leased (expires_at) or done (done_at), never both. Times are milliseconds since 1970.
CREATE TABLE topper_event (
    label      TEXT    NOT NULL, -- of the endpoint
    id         TEXT    NOT NULL, -- of the event
    owner      BLOB    NOT NULL, -- 16 random bytes: who leased or did it
    expires_at INTEGER,          -- when the lease ends
    done_at    INTEGER,
    PRIMARY KEY (label, id),
    CHECK ((expires_at IS NULL) <> (done_at IS NULL))
) STRICT, WITHOUT ROWID;
