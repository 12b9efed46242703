-- What the administrator decided; everything else has its default.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- What people chose for themselves in all conversations.
CREATE TABLE preferences (
    user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
);

CREATE TABLE statuses (
    user_id      TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    -- The status that comes back when a temporary one ends.
    backup       BOOLEAN NOT NULL DEFAULT FALSE,
    status       TEXT NOT NULL,
    user_defined BOOLEAN NOT NULL DEFAULT FALSE,
    message_id   TEXT NOT NULL DEFAULT '',
    message      TEXT NOT NULL DEFAULT '',
    icon         TEXT NOT NULL DEFAULT '',
    -- When the message ends, 0 for never.
    clear_at     BIGINT NOT NULL DEFAULT 0,
    -- The last sign of life.
    seen_at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, backup)
);
CREATE INDEX statuses_recent ON statuses (backup, seen_at);
