CREATE TABLE teams (
    team_id    TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- The account that manages the team, empty once it was deleted.
    owner      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A member is an account, a group or another team, by actor type and id.
CREATE TABLE team_members (
    team_id     TEXT NOT NULL REFERENCES teams (team_id) ON DELETE CASCADE,
    member_type TEXT NOT NULL,
    member_id   TEXT NOT NULL,
    PRIMARY KEY (team_id, member_type, member_id)
);
CREATE INDEX team_members_member ON team_members (member_type, member_id);

-- The row that a transaction locks to keep all groups and teams as they are.
INSERT INTO server_state (name, value) VALUES ('memberships', '');
