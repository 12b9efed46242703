-- What people write, beside the system messages that were there.

-- comment, object (a shared poll, location …), system, or deleted.
ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'system';
-- The message that it answers, or that a system message is about, 0 for none.
ALTER TABLE messages ADD COLUMN parent_id BIGINT NOT NULL DEFAULT 0;
-- Chosen by the client to find its own message again.
ALTER TABLE messages ADD COLUMN reference_id TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN silent BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether "@all" in the text is a mention: its author had the right when it was written.
ALTER TABLE messages ADD COLUMN mentions_all BOOLEAN NOT NULL DEFAULT FALSE;
-- How many comments and objects the conversation had with this one, see docs/design.md.
ALTER TABLE messages ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
-- When it vanishes, Unix seconds, 0 for never.
ALTER TABLE messages ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN editor_type TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN editor_id TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN edited_at BIGINT NOT NULL DEFAULT 0;
-- The list of shared items that it belongs to, '' for none.
ALTER TABLE messages ADD COLUMN list TEXT NOT NULL DEFAULT '';
-- How often each emoji was given, as a JSON object, '' for none.
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_expiring ON messages (expires_at) WHERE expires_at > 0;
CREATE INDEX messages_list ON messages (room_id, list, id) WHERE list <> '';
CREATE INDEX messages_parent ON messages (parent_id) WHERE parent_id > 0;

-- Another number after each change of messages, reactions or read markers, while version
-- is that of everything else, so that a message does not make lists of participants anew.
ALTER TABLE rooms ADD COLUMN chat_version BIGINT NOT NULL DEFAULT 0;
-- The newest message of any kind; last_message_id is the newest that is an activity.
ALTER TABLE rooms ADD COLUMN newest_message_id BIGINT NOT NULL DEFAULT 0;
UPDATE rooms SET newest_message_id = last_message_id;
-- The newest message that mentions everybody, so that no rows of theirs have to change.
ALTER TABLE rooms ADD COLUMN all_mentioned_id BIGINT NOT NULL DEFAULT 0;

-- The number of the newest comment or object, and of the newest one that was taken away.
ALTER TABLE rooms ADD COLUMN message_number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN last_gap BIGINT NOT NULL DEFAULT 0;

-- How many numbers no longer belong to a comment or object, as the nodes of a Fenwick
-- tree over them, so that unread messages are found without counting.
CREATE TABLE message_gaps (
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    node    BIGINT NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (room_id, node)
);

CREATE TABLE reactions (
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    actor_type TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    emoji      TEXT NOT NULL,
    -- The system message that reports it.
    report_id  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, actor_type, actor_id, emoji)
);
