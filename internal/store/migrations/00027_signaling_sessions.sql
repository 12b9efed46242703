-- Clients that are in a conversation by the websocket of signaling. A row stays for a minute after its client has gone, so
-- that all nodes learn who has gone and why. Session is the row of the client's session in the conversation, 0 without one.
CREATE TABLE signaling_sessions (
    id         {{id}},
    room_id    BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    attendee   BIGINT NOT NULL,
    session    BIGINT NOT NULL,
    session_id TEXT NOT NULL,
    public_id  TEXT NOT NULL,
    -- What the client resumes with, as a digest, and who it is, '' for guests.
    resume     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    features   TEXT NOT NULL,
    node       TEXT NOT NULL,
    joined_at  BIGINT NOT NULL,
    left_at    BIGINT NOT NULL DEFAULT 0,
    reason     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX signaling_sessions_room ON signaling_sessions (room_id, id);
CREATE INDEX signaling_sessions_resume ON signaling_sessions (resume);
CREATE INDEX signaling_sessions_session ON signaling_sessions (session);
CREATE INDEX signaling_sessions_left ON signaling_sessions (left_at) WHERE left_at > 0;

-- Servers that have such clients, and when they were last seen.
CREATE TABLE signaling_nodes (
    node    TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- What a server tells another one for its clients, for some seconds.
CREATE TABLE signaling_relays (
    id         {{id}},
    node       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX signaling_relays_node ON signaling_relays (node, id);
