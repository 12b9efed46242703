-- Failures of people who are logged in count against them and not against all
-- others in their network.
ALTER TABLE attempts ADD COLUMN account TEXT NOT NULL DEFAULT '';
DROP INDEX attempts_recent;
CREATE INDEX attempts_recent ON attempts (action, subnet, account, occurred_at);
