-- Invitations that have to be mailed. The mail itself is written when it is
-- sent, so that it tells what is true then; who was removed gets none.
CREATE TABLE mail_queue (
    id          {{id}},
    attendee_id BIGINT NOT NULL UNIQUE REFERENCES attendees (id) ON DELETE CASCADE,
    -- The display name of who invites, and the address of the server for links.
    inviter     TEXT NOT NULL,
    base_url    TEXT NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    next_at     BIGINT NOT NULL,
    failed      BOOLEAN NOT NULL DEFAULT FALSE,
    last_error  TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL
);
CREATE INDEX mail_queue_due ON mail_queue (next_at, id) WHERE NOT failed;

-- The row of the e-mail guest that a client is by its personal link. It ends
-- with the row, which the id of the actor does not.
ALTER TABLE client_rooms ADD COLUMN email_attendee BIGINT NOT NULL DEFAULT 0;
