CREATE TABLE server_state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE accounts (
    user_id       TEXT PRIMARY KEY,
    -- Ids are compared without regard to case; this is the folded form.
    lookup        TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    email         TEXT NOT NULL DEFAULT '',
    password_hash TEXT NOT NULL,
    enabled       BOOLEAN NOT NULL DEFAULT TRUE,
    read_privacy  BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX accounts_email ON accounts (email);

CREATE TABLE account_fields (
    user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    field   TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (user_id, field)
);

CREATE TABLE user_groups (
    group_id     TEXT PRIMARY KEY,
    display_name TEXT NOT NULL
);

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES user_groups (group_id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);

CREATE TABLE app_passwords (
    id         {{id}},
    user_id    TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    hash       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX app_passwords_user ON app_passwords (user_id);

CREATE TABLE attempts (
    id          {{id}},
    action      TEXT NOT NULL,
    subnet      TEXT NOT NULL,
    metadata    TEXT NOT NULL DEFAULT '',
    occurred_at BIGINT NOT NULL
);
CREATE INDEX attempts_recent ON attempts (action, subnet, occurred_at);
CREATE INDEX attempts_age ON attempts (occurred_at);

CREATE TABLE rooms (
    id                  {{id}},
    token               TEXT NOT NULL UNIQUE,
    type                BIGINT NOT NULL,
    name                TEXT NOT NULL,
    identity            TEXT UNIQUE,
    description         TEXT NOT NULL DEFAULT '',
    object_type         TEXT NOT NULL DEFAULT '',
    object_id           TEXT NOT NULL DEFAULT '',
    password_hash       TEXT NOT NULL DEFAULT '',
    read_only           BIGINT NOT NULL DEFAULT 0,
    listable            BIGINT NOT NULL DEFAULT 0,
    lobby_state         BIGINT NOT NULL DEFAULT 0,
    lobby_timer         BIGINT NOT NULL DEFAULT 0,
    sip                 BIGINT NOT NULL DEFAULT 0,
    default_permissions BIGINT NOT NULL DEFAULT 0,
    call_permissions    BIGINT NOT NULL DEFAULT 0,
    message_expiration  BIGINT NOT NULL DEFAULT 0,
    mention_permissions BIGINT NOT NULL DEFAULT 0,
    recording_consent   BIGINT NOT NULL DEFAULT 0,
    breakout_mode       BIGINT NOT NULL DEFAULT 0,
    breakout_status     BIGINT NOT NULL DEFAULT 0,
    call_flag           BIGINT NOT NULL DEFAULT 0,
    call_since          BIGINT NOT NULL DEFAULT 0,
    last_activity       BIGINT NOT NULL DEFAULT 0,
    last_message_id     BIGINT NOT NULL DEFAULT 0,
    avatar_emoji        TEXT NOT NULL DEFAULT '',
    avatar_color        TEXT NOT NULL DEFAULT '',
    created_at          BIGINT NOT NULL,
    -- Grows with each committed change of the room, its attendees or sessions.
    version             BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX rooms_object ON rooms (object_type, object_id);
CREATE INDEX rooms_listable ON rooms (listable, id) WHERE listable <> 0;

-- Whose one-to-one a conversation is; both names stay while one has left.
CREATE TABLE pair_members (
    user_id TEXT NOT NULL,
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, room_id)
);
CREATE INDEX pair_members_room ON pair_members (room_id);

CREATE TABLE attendees (
    id                   {{id}},
    room_id              BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    actor_type           TEXT NOT NULL,
    actor_id             TEXT NOT NULL,
    display_name         TEXT NOT NULL DEFAULT '',
    type                 BIGINT NOT NULL,
    permissions          BIGINT NOT NULL DEFAULT 0,
    pin                  TEXT NOT NULL DEFAULT '',
    access_token         TEXT NOT NULL DEFAULT '',
    address              TEXT NOT NULL DEFAULT '',
    phone_number         TEXT NOT NULL DEFAULT '',
    call_id              TEXT NOT NULL DEFAULT '',
    favorite             BOOLEAN NOT NULL DEFAULT FALSE,
    archived             BOOLEAN NOT NULL DEFAULT FALSE,
    important            BOOLEAN NOT NULL DEFAULT FALSE,
    sensitive            BOOLEAN NOT NULL DEFAULT FALSE,
    notification_level   BIGINT NOT NULL DEFAULT 0,
    notification_calls   BIGINT NOT NULL DEFAULT 1,
    last_read_message    BIGINT NOT NULL DEFAULT 0,
    last_mention_message BIGINT NOT NULL DEFAULT 0,
    last_mention_direct  BIGINT NOT NULL DEFAULT 0,
    read_privacy         BIGINT NOT NULL DEFAULT 0,
    changed_at           BIGINT NOT NULL DEFAULT 0,
    UNIQUE (room_id, actor_type, actor_id)
);
CREATE INDEX attendees_actor ON attendees (actor_type, actor_id);
CREATE INDEX attendees_role ON attendees (room_id, type);
CREATE INDEX attendees_read ON attendees (room_id, actor_type, read_privacy, last_read_message);
CREATE UNIQUE INDEX attendees_pin ON attendees (room_id, pin) WHERE pin <> '';

CREATE TABLE sessions (
    id          {{id}},
    session_id  TEXT NOT NULL UNIQUE,
    room_id     BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
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
CREATE INDEX sessions_device ON sessions (room_id, device) WHERE device <> '';
CREATE INDEX sessions_attendee ON sessions (attendee_id);
CREATE INDEX sessions_ping ON sessions (last_ping);

-- What a client session remembers of a conversation beyond its live session.
CREATE TABLE client_rooms (
    client      TEXT NOT NULL,
    token       TEXT NOT NULL,
    guest_actor TEXT NOT NULL DEFAULT '',
    email_actor TEXT NOT NULL DEFAULT '',
    -- A session that somebody else ended; the client does not know yet.
    lost        BOOLEAN NOT NULL DEFAULT FALSE,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (client, token)
);
CREATE INDEX client_rooms_age ON client_rooms (updated_at);

CREATE TABLE messages (
    id         {{id}},
    room_id    BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    actor_type TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    -- The key of a system message, empty for what people write.
    system     TEXT NOT NULL DEFAULT '',
    text       TEXT NOT NULL DEFAULT '',
    about_type TEXT NOT NULL DEFAULT '',
    about_id   TEXT NOT NULL DEFAULT '',
    params     TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX messages_room ON messages (room_id, id);
