BEGIN IMMEDIATE;

-- What of all that is kept its reply may use (`bot.types.Reach`), narrower than its audience says.
ALTER TABLE turn ADD COLUMN reach TEXT NOT NULL DEFAULT 'all';
-- Its person is of another organisation: nothing is recalled for them, and nothing learnt.
ALTER TABLE turn ADD COLUMN outsider INTEGER NOT NULL DEFAULT 0;
-- Which open store (`bot.store.sqlite.runners`) answers it, or did; NULL: whoever takes it over.
ALTER TABLE turn ADD COLUMN runner TEXT;

-- It lost a source: it may tell what that one alone told, wherever that was.
ALTER TABLE memory ADD COLUMN uprooted INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER memory_source_lost AFTER DELETE ON memory_source BEGIN
    UPDATE memory SET uprooted = 1 WHERE id = old.memory_id;
END;

-- Events of platforms, written down before they are dealt with. Without a payload (dealt with, or
-- not to be kept) it is but a mark that the event was taken in, nobody's, and goes after an hour.
-- `runner`, as of a turn: who deals with it.
CREATE TABLE inbox (
    inbox_no INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    event_id TEXT NOT NULL,
    user TEXT NOT NULL,
    payload TEXT,
    taken_at INTEGER NOT NULL,
    runner TEXT,
    UNIQUE (platform, space, event_id)
) STRICT;
CREATE INDEX inbox_by_age ON inbox (taken_at) WHERE payload IS NULL;
CREATE INDEX inbox_waiting ON inbox (platform, inbox_no) WHERE payload IS NOT NULL;

-- Not every platform tells in which of a channel's conversations something was deleted or edited.
CREATE INDEX message_by_event ON message (event_id);
CREATE INDEX delivery_by_event ON delivery (event_id);

-- Keyed hashes of the secrets that go with a person to a platform's page and come back once.
CREATE TABLE round_trip (mark BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

PRAGMA user_version = 8;
COMMIT;
