-- Log-ins of browsers that were ended: their cookies are good for nothing, whoever has a copy. A row is of use for as long as the
-- cookie would be.
CREATE TABLE ended_logins (
    client   TEXT PRIMARY KEY,
    user_id  TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    ended_at BIGINT NOT NULL
);
CREATE INDEX ended_logins_user ON ended_logins (user_id);
CREATE INDEX ended_logins_age ON ended_logins (ended_at);
