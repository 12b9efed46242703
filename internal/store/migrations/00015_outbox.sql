-- What must be delivered, of every kind. A row is made in the transaction that it is a
-- consequence of.
CREATE TABLE outbox (
    id           {{id}},
    kind         TEXT NOT NULL,
    -- Who gets it, '' when its kind has one receiver. One that is down delays no other.
    destination  TEXT NOT NULL DEFAULT '',
    -- Rows of a destination with the same key are delivered in order, '' for any order.
    order_key    TEXT NOT NULL DEFAULT '',
    -- Whom it is about. It goes with them, and there is one at most.
    attendee_id  BIGINT UNIQUE REFERENCES attendees (id) ON DELETE CASCADE,
    -- In the form of its kind; the inviter's display name for mail.
    payload      TEXT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    next_at      BIGINT NOT NULL,
    -- The worker that delivers it now, '' for nobody, and until when it may.
    lease        TEXT NOT NULL DEFAULT '',
    leased_until BIGINT NOT NULL DEFAULT 0,
    failed       BOOLEAN NOT NULL DEFAULT FALSE,
    last_error   TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (kind, next_at, id) WHERE NOT failed;
CREATE INDEX outbox_order ON outbox (kind, destination, order_key, id) WHERE NOT failed;

INSERT INTO outbox (kind, attendee_id, payload, attempts, next_at, failed, last_error, created_at)
    SELECT 'mail', attendee_id, inviter, attempts, next_at, failed, last_error, created_at FROM mail_queue ORDER BY id;
DROP TABLE mail_queue;
