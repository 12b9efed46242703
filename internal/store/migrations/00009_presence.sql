-- Clients that have not shown their cookie yet are looked for when one is shown.
CREATE INDEX sessions_unshown ON sessions (client) WHERE device <> '';

-- When the row of a guest without a session is forgotten, Unix seconds, 0 for
-- guests who are there and for everybody else.
ALTER TABLE attendees ADD COLUMN forget_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX attendees_forget ON attendees (forget_at) WHERE forget_at > 0;
UPDATE attendees SET forget_at = changed_at + 2592000 WHERE actor_type = 'guests'
    AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.attendee_id = attendees.id);

-- Conversations whose last moderator's account was deleted: who has been there
-- longest moderates them.
UPDATE attendees SET type = 2, permissions = 0 WHERE id IN (
    SELECT MIN(a.id) FROM attendees a JOIN rooms r ON r.id = a.room_id
    WHERE a.actor_type = 'users' AND a.actor_id <> 'bridge-bot' AND a.type = 3 AND r.type IN (2, 3) AND r.object_type NOT IN ('file', 'room')
    AND NOT EXISTS (SELECT 1 FROM attendees m WHERE m.room_id = a.room_id AND m.type IN (1, 2, 6))
    GROUP BY a.room_id);

-- A guest who left is somebody else on return, though the row may stay.
ALTER TABLE client_rooms ADD COLUMN guest_left BOOLEAN NOT NULL DEFAULT FALSE;
