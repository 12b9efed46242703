CREATE TABLE polls (
    id          {{id}},
    room_id     BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    actor_type  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    -- The author's name when it was made, for those who have none of their own any more.
    author_name TEXT NOT NULL DEFAULT '',
    question    TEXT NOT NULL,
    -- A JSON list of texts.
    options     TEXT NOT NULL,
    -- 0 open, 1 closed, 2 draft.
    status      BIGINT NOT NULL,
    -- 0 public, 1 hidden.
    result_mode BIGINT NOT NULL,
    -- How many options one may choose, 0 for all.
    max_votes   BIGINT NOT NULL,
    -- The message that shows it, 0 for drafts.
    message_id  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX polls_room ON polls (room_id, status, id);
CREATE INDEX polls_message ON polls (message_id) WHERE message_id > 0;

CREATE TABLE poll_votes (
    poll_id    BIGINT NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    actor_type TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    voter_name TEXT NOT NULL DEFAULT '',
    option_id  BIGINT NOT NULL,
    PRIMARY KEY (poll_id, actor_type, actor_id, option_id)
);

CREATE TABLE reminders (
    user_id    TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    room_id    BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    remind_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, message_id)
);
CREATE INDEX reminders_due ON reminders (remind_at);
CREATE INDEX reminders_message ON reminders (message_id);
CREATE INDEX reminders_room ON reminders (room_id);

-- What accounts are told until they have seen it.
CREATE TABLE notifications (
    id         {{id}},
    user_id    TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    room_id    BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    -- What it says: invitation, chat, reply, mention_direct, reaction, reminder …
    subject    TEXT NOT NULL,
    -- The message that it is about, 0 for none.
    message_id BIGINT NOT NULL DEFAULT 0,
    -- Who did it.
    actor_type TEXT NOT NULL DEFAULT '',
    actor_id   TEXT NOT NULL DEFAULT '',
    -- The emoji, or the group or team that was mentioned.
    detail     TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX notifications_user ON notifications (user_id, id);
CREATE INDEX notifications_room ON notifications (room_id, user_id);
CREATE INDEX notifications_message ON notifications (message_id) WHERE message_id > 0;

-- Who wants to know of every message.
CREATE INDEX attendees_always ON attendees (room_id) WHERE notification_level = 1;
