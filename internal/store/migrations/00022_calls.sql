-- Who has joined the running call of a conversation and is still in the conversation, whether
-- in the call or not. Nobody when no call is running.
CREATE TABLE call_attendees (
    attendee_id BIGINT PRIMARY KEY REFERENCES attendees (id) ON DELETE CASCADE,
    room_id     BIGINT NOT NULL
);
CREATE INDEX call_attendees_room ON call_attendees (room_id);

-- Calls are few, sessions and conversations many.
CREATE INDEX sessions_in_call ON sessions (room_id) WHERE in_call <> 0;
CREATE INDEX sessions_in_call_of ON sessions (attendee_id) WHERE in_call <> 0;
CREATE INDEX rooms_call ON rooms (call_since) WHERE call_since <> 0;
