-- What clients say to each other until they are connected. It waits for one session, by the id of its row, for a few
-- seconds; a session that ends leaves it behind.
CREATE TABLE signals (
    id         {{id}},
    session    BIGINT NOT NULL,
    message    TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX signals_session ON signals (session, id);
CREATE INDEX signals_age ON signals (created_at);
