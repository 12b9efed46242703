-- Links are made when mail is sent, of the address that the server has then. What the
-- request of the inviter said about it was a stranger's word.
ALTER TABLE mail_queue DROP COLUMN base_url;
