BEGIN IMMEDIATE;

-- The ledger of deletions: keyed hashes by which what was forgotten is known again. The newest key
-- makes them, every key is looked up (a restored file brings its own along).
CREATE TABLE ledger_key (key_no INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE) STRICT;
INSERT INTO ledger_key (key) VALUES (randomblob(32));
CREATE TABLE tombstone (mark BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Who wants to be ignored, and what they are called, as keyed hashes too.
CREATE TABLE opt_out (mark BLOB PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE opt_out_name (
    mark BLOB NOT NULL,
    person BLOB NOT NULL REFERENCES opt_out (mark) ON DELETE CASCADE,
    PRIMARY KEY (mark, person)
) STRICT, WITHOUT ROWID;

-- An erasure that was begun: ids only. It is carried out in one transaction, which deletes the row;
-- what a crash left is carried out when the file is opened.
CREATE TABLE erasure (erasure_id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL) STRICT;

-- What operators did to whom, in numbers. `person` is a keyed hash of the scope.
CREATE TABLE audit (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    person BLOB NOT NULL,
    counts TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_person ON audit (person);

-- Spaces that Ellie was removed from, and when they are purged.
CREATE TABLE departure (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    purge_at INTEGER NOT NULL,
    PRIMARY KEY (platform, space)
) STRICT, WITHOUT ROWID;

-- A space's own retention in days; NULL: that of the settings.
CREATE TABLE retention (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    message_days INTEGER,
    memory_days INTEGER,
    PRIMARY KEY (platform, space)
) STRICT, WITHOUT ROWID;

-- Tokens of platforms, encrypted (`bot/vault.py`).
CREATE TABLE platform_token (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (platform, space)
) STRICT, WITHOUT ROWID;

ALTER TABLE scope ADD COLUMN paused_at INTEGER;
-- Said while paused: neither indexed nor consolidated, and erased then.
ALTER TABLE message ADD COLUMN keep_until INTEGER;
CREATE INDEX message_by_keep ON message (keep_until)
    WHERE keep_until IS NOT NULL AND text IS NOT NULL;

-- When a message's words were last replaced on its platform; NULL: never.
ALTER TABLE message ADD COLUMN edited_at INTEGER;

-- A memory's name outside this file: exports carry it, tombstones are made of it.
ALTER TABLE memory ADD COLUMN uid TEXT;
UPDATE memory SET uid = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX memory_by_uid ON memory (uid);
CREATE TRIGGER memory_named AFTER INSERT ON memory WHEN new.uid IS NULL BEGIN
    UPDATE memory SET uid = lower(hex(randomblob(16))) WHERE id = new.id;
END;
ALTER TABLE memory_absorbed ADD COLUMN uid TEXT;
DROP TRIGGER memory_taken_away;
CREATE TRIGGER memory_taken_away BEFORE DELETE ON memory
WHEN EXISTS (SELECT 1 FROM change WHERE open AND change_id IS NOT old.change_no)
BEGIN
    INSERT INTO memory_absorbed
    SELECT change_id, old.id, old.text, old.audience, old.place, old.said_at, old.valid_from,
        old.entity_id, (SELECT kind FROM entity WHERE id = old.entity_id),
        old.attribute, old.value, old.exclusive, old.extractor, old.uses, old.change_no,
        (SELECT json_group_array(json_array(message_id, change_no)) FROM memory_source
         WHERE memory_id = old.id),
        (SELECT json_group_array(json_array(entity_id, folded, name, alias, change_no))
         FROM entity_name WHERE memory_id = old.id),
        (SELECT json_group_array(json_array(older_id, newer_id, change_no)) FROM supersession
         WHERE old.id IN (older_id, newer_id)),
        old.uid
    FROM change WHERE open;
END;

-- A reply is named for the message that it answers, so that its name is the same in every file.
UPDATE message SET event_id = 'reply:' || (
    SELECT said.event_id FROM turn JOIN message AS said ON said.id = turn.message_id
    WHERE turn.reply_id = message.id)
WHERE id IN (SELECT reply_id FROM turn);

PRAGMA user_version = 6;
COMMIT;
