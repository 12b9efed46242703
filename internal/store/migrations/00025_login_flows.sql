-- Apps that ask for a password of their own (log-in flow v2), by digests of their two tokens. A row stays for two hours, so that
-- an app that asks once too often is not taken for somebody who guesses.
CREATE TABLE login_flows (
    id         {{id}},
    poll       TEXT NOT NULL UNIQUE,
    flow       TEXT NOT NULL UNIQUE,
    client     TEXT NOT NULL,
    address    TEXT NOT NULL,
    -- Who let the app in, NULL for nobody yet, and whether it has its password. What somebody let in ends with their
    -- account, so that it cannot get a password of another account with the same id.
    user_id    TEXT REFERENCES accounts (user_id) ON DELETE CASCADE,
    done       BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL
);
CREATE INDEX login_flows_age ON login_flows (created_at);

-- The device with the app password shall wipe what it has of the account.
ALTER TABLE app_passwords ADD COLUMN wipe BOOLEAN NOT NULL DEFAULT FALSE;
