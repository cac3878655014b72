BEGIN IMMEDIATE;

-- What a turn's reply was posted as, by the platform's own ids; more than one where it is long.
CREATE TABLE delivery (
    delivery_no INTEGER PRIMARY KEY,
    conversation_no INTEGER NOT NULL REFERENCES conversation (conversation_no),
    event_id TEXT NOT NULL,
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id) ON DELETE CASCADE,
    shown_at INTEGER NOT NULL,
    UNIQUE (conversation_no, event_id)
) STRICT;
CREATE INDEX delivery_by_turn ON delivery (turn_id);

-- The turn whose message or reply a turn's message replies to.
ALTER TABLE turn ADD COLUMN replied_to INTEGER REFERENCES turn (turn_id) ON DELETE SET NULL;
CREATE INDEX turn_by_replied ON turn (replied_to) WHERE replied_to IS NOT NULL;
-- Its message was not said to Ellie: it is history, and is neither answered, recalled nor learnt.
ALTER TABLE turn ADD COLUMN overheard INTEGER NOT NULL DEFAULT 0;
-- It was in the prompt word for word, as part of a chain of replies.
ALTER TABLE turn_message ADD COLUMN history INTEGER NOT NULL DEFAULT 0;

-- What who manages a space set for it (name 'settings', JSON), and what adapters note ('note:…').
CREATE TABLE space_setting (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (platform, space, name)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 7;
COMMIT;
