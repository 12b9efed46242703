ALTER TABLE accounts ADD COLUMN first_login_at BIGINT NOT NULL DEFAULT 0;
-- Names the password that a cookie was issued for. Unlike the hash it stays when
-- the same password is hashed anew.
ALTER TABLE accounts ADD COLUMN password_id TEXT NOT NULL DEFAULT '';
UPDATE accounts SET password_id = password_hash;
ALTER TABLE app_passwords ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;
