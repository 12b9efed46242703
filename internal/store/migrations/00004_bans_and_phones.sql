-- Kept in step with table bans, so that conversations without any pay nothing.
ALTER TABLE rooms ADD COLUMN has_bans BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE bans (
    id             {{id}},
    room_id        BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    moderator_type TEXT NOT NULL,
    moderator_id   TEXT NOT NULL,
    moderator_name TEXT NOT NULL,
    banned_type    TEXT NOT NULL,
    banned_id      TEXT NOT NULL,
    banned_name    TEXT NOT NULL,
    note           TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    UNIQUE (room_id, banned_type, banned_id)
);

-- Numbers in E.164 form that telephones dial to reach an account directly.
CREATE TABLE phone_numbers (
    number  TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE
);
CREATE INDEX phone_numbers_user ON phone_numbers (user_id);
