-- Uploaded pictures, drawn anew and small, in base64.
CREATE TABLE account_pictures (
    user_id    TEXT PRIMARY KEY REFERENCES accounts (user_id) ON DELETE CASCADE,
    version    TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content    TEXT NOT NULL
);
CREATE TABLE room_pictures (
    room_id    BIGINT PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    version    TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content    TEXT NOT NULL
);
-- The version of the uploaded picture, '' without one.
ALTER TABLE rooms ADD COLUMN avatar_picture TEXT NOT NULL DEFAULT '';
