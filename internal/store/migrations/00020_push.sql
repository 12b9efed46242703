-- Apps that are told of notifications by a push service. There is one for each app password.
CREATE TABLE push_subscriptions (
    id               {{id}},
    user_id          TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    app_password_id  BIGINT NOT NULL UNIQUE REFERENCES app_passwords (id) ON DELETE CASCADE,
    -- Where the push service takes messages for the app, and scheme and host of that.
    endpoint         TEXT NOT NULL,
    service          TEXT NOT NULL,
    -- The app's public key and its secret, in base64url.
    app_key          TEXT NOT NULL,
    app_secret       TEXT NOT NULL,
    -- What the app wants to be told of, as it said it.
    app_types        TEXT NOT NULL,
    -- Whether conversations are among that.
    wanted           BOOLEAN NOT NULL,
    -- Proves that the app can read what is pushed.
    activation_token TEXT NOT NULL,
    active           BOOLEAN NOT NULL DEFAULT FALSE,
    created_at       BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id);
