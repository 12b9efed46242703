-- What happened in conversations, kept for an hour or a little longer. It has no references, since it tells also
-- of what is gone.
CREATE TABLE events (
    id           {{id}},
    -- The transaction, so that nobody reads past one that is not over. SQLite has one at a time.
-- [sqlite]
    tx           BIGINT NOT NULL DEFAULT 0,
-- [postgres]
    tx           BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
-- [both]
    room_id      BIGINT NOT NULL,
    token        TEXT NOT NULL,
    -- That of the conversation and of its chat together, which grows with every change.
    version      BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    -- The account that alone is told, '' for everybody in the conversation.
    recipient    TEXT NOT NULL DEFAULT '',
    actor_type   TEXT NOT NULL DEFAULT '',
    actor_id     TEXT NOT NULL DEFAULT '',
    about_type   TEXT NOT NULL DEFAULT '',
    about_id     TEXT NOT NULL DEFAULT '',
    message_id   BIGINT NOT NULL DEFAULT 0,
    poll_id      BIGINT NOT NULL DEFAULT 0,
    emoji        TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL
);
CREATE INDEX events_order ON events (tx, id);

-- Where the administrator has events sent to.
CREATE TABLE webhooks (
    id             {{id}},
    name           TEXT NOT NULL,
    url            TEXT NOT NULL,
    -- Signs what is sent. It has to be known, not only recognised.
    secret         TEXT NOT NULL,
    -- The kinds of events, each between two commas, '' for all.
    kinds          TEXT NOT NULL,
    active         BOOLEAN NOT NULL,
    -- Since when nothing has arrived, 0 while it does.
    failing_since  BIGINT NOT NULL DEFAULT 0,
    last_error     TEXT NOT NULL DEFAULT '',
    created_at     BIGINT NOT NULL
);
