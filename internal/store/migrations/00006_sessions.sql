-- Joining is the most frequent change, and most of its cost were the keys of the
-- row: a session id has 512 characters, of which 16 find it, and whoever belongs
-- to an attendee of a conversation belongs to the conversation.
-- [postgres]
ALTER TABLE sessions DROP CONSTRAINT sessions_session_id_key, DROP CONSTRAINT sessions_room_id_fkey;
-- [sqlite]
CREATE TABLE sessions_new (
    id          {{id}},
    session_id  TEXT NOT NULL,
    room_id     BIGINT NOT NULL,
    attendee_id BIGINT NOT NULL REFERENCES attendees (id) ON DELETE CASCADE,
    -- The client session that holds it; at most one per conversation.
    client      TEXT NOT NULL,
    -- The credential that a client without cookies is known by, until the
    -- client proves to keep cookies.
    device      TEXT NOT NULL DEFAULT '',
    in_call     BIGINT NOT NULL DEFAULT 0,
    last_ping   BIGINT NOT NULL,
    state       BIGINT NOT NULL DEFAULT 1,
    UNIQUE (room_id, client)
);
INSERT INTO sessions_new (id, session_id, room_id, attendee_id, client, device, in_call, last_ping, state)
    SELECT id, session_id, room_id, attendee_id, client, device, in_call, last_ping, state FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_new RENAME TO sessions;
CREATE INDEX sessions_device ON sessions (room_id, device) WHERE device <> '';
CREATE INDEX sessions_attendee ON sessions (attendee_id);
CREATE INDEX sessions_ping ON sessions (last_ping);
-- [both]
CREATE INDEX sessions_start ON sessions (substr(session_id, 1, 16));
