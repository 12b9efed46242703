CREATE TABLE bots (
    id            {{id}},
    name          TEXT NOT NULL,
    url           TEXT NOT NULL UNIQUE,
    -- SHA-1 of the URL in hexadecimal digits, the bot's name in messages.
    url_hash      TEXT NOT NULL UNIQUE,
    -- Shared with the bot, which signs with it. It has to be known, not only recognised.
    secret        TEXT NOT NULL,
    description   TEXT NOT NULL,
    -- Sum of bits, see talk.BotFeatures.
    features      BIGINT NOT NULL,
    -- 0 disabled, 1 enabled, 2 only the administrator brings it into conversations.
    state         BIGINT NOT NULL,
    error_count   BIGINT NOT NULL DEFAULT 0,
    last_error_at BIGINT NOT NULL DEFAULT 0,
    last_error    TEXT NOT NULL DEFAULT ''
);

CREATE TABLE room_bots (
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    bot_id  BIGINT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    PRIMARY KEY (room_id, bot_id)
);
CREATE INDEX room_bots_bot ON room_bots (bot_id);

-- How many bots are in it, so that most conversations need not ask.
ALTER TABLE rooms ADD COLUMN bots BIGINT NOT NULL DEFAULT 0;
