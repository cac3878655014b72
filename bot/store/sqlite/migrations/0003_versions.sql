BEGIN IMMEDIATE;

-- What Ellie changed in a scope's memories in one go, newest 20, so that it can be undone. `author`
-- is her extractor, or 'person' while an edit is under way. One is open at most, inside its own
-- transaction. `memories`: the rows it entered, changed or heard again (JSON); what is forgotten
-- later is missing among the memories.
CREATE TABLE change (
    change_id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope_no INTEGER NOT NULL REFERENCES scope (scope_no),
    author TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    memories TEXT NOT NULL DEFAULT '[]',
    open INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX change_by_scope ON change (scope_no, change_id);
CREATE UNIQUE INDEX change_open ON change (open) WHERE open;

-- Which change entered a row; NULL: a person's own wish did.
ALTER TABLE memory ADD COLUMN change_no INTEGER;
ALTER TABLE memory_source ADD COLUMN change_no INTEGER;
ALTER TABLE supersession ADD COLUMN change_no INTEGER;
ALTER TABLE entity_name ADD COLUMN change_no INTEGER;
CREATE INDEX memory_by_change ON memory (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX memory_source_by_change ON memory_source (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX supersession_by_change ON supersession (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX entity_name_by_change ON entity_name (change_no) WHERE change_no IS NOT NULL;

-- What a memory was before a change, who made that and when. `entity_id` is no foreign key: an
-- entity stays while a version speaks of it.
CREATE TABLE memory_version (
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    change_no INTEGER NOT NULL,
    author TEXT NOT NULL,
    replaced_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    audience TEXT NOT NULL,
    place TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    entity_id INTEGER,
    entity TEXT,
    attribute TEXT,
    value TEXT,
    exclusive INTEGER NOT NULL,
    PRIMARY KEY (memory_id, change_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_version_by_entity ON memory_version (entity_id) WHERE entity_id IS NOT NULL;

-- What a change took away because another memory says it now: whole, with the rows that went with it
-- (JSON lists). `entered_by` is the change that it came from.
CREATE TABLE memory_absorbed (
    change_no INTEGER NOT NULL REFERENCES change (change_id) ON DELETE CASCADE,
    memory_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    audience TEXT NOT NULL,
    place TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    entity_id INTEGER,
    kind TEXT,
    attribute TEXT,
    value TEXT,
    exclusive INTEGER NOT NULL,
    extractor TEXT NOT NULL,
    uses INTEGER NOT NULL,
    entered_by INTEGER,
    sources TEXT NOT NULL,
    names TEXT NOT NULL,
    links TEXT NOT NULL,
    PRIMARY KEY (change_no, memory_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER memory_entered AFTER INSERT ON memory WHEN new.change_no IS NULL BEGIN
    UPDATE memory SET change_no = (SELECT change_id FROM change WHERE open) WHERE id = new.id;
END;
CREATE TRIGGER memory_source_entered AFTER INSERT ON memory_source WHEN new.change_no IS NULL BEGIN
    UPDATE memory_source SET change_no = (SELECT change_id FROM change WHERE open)
    WHERE memory_id = new.memory_id AND message_id = new.message_id;
END;
CREATE TRIGGER supersession_entered AFTER INSERT ON supersession WHEN new.change_no IS NULL BEGIN
    UPDATE supersession SET change_no = (SELECT change_id FROM change WHERE open)
    WHERE older_id = new.older_id AND newer_id = new.newer_id;
END;
CREATE TRIGGER entity_name_entered AFTER INSERT ON entity_name WHEN new.change_no IS NULL BEGIN
    UPDATE entity_name SET change_no = (SELECT change_id FROM change WHERE open)
    WHERE folded = new.folded AND entity_id = new.entity_id AND memory_id = new.memory_id;
END;
-- The first state before each change; of a memory that the change itself entered there is none.
CREATE TRIGGER memory_changed BEFORE UPDATE OF
    text, audience, place, valid_from, entity_id, attribute, value, exclusive ON memory
WHEN (old.text, old.audience, old.place, old.valid_from, old.entity_id, old.attribute, old.value,
      old.exclusive)
    IS NOT (new.text, new.audience, new.place, new.valid_from, new.entity_id, new.attribute,
            new.value, new.exclusive)
BEGIN
    INSERT OR IGNORE INTO memory_version
    SELECT old.id, change_id, author, made_at, old.text, old.audience, old.place, old.valid_from,
        old.entity_id,
        (SELECT name FROM entity_name WHERE memory_id = old.id AND NOT alias),
        old.attribute, old.value, old.exclusive
    FROM change WHERE open AND old.change_no IS NOT change_id;
END;
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
         WHERE old.id IN (older_id, newer_id))
    FROM change WHERE open;
END;

PRAGMA user_version = 3;
COMMIT;
