-- Generated from the migrations by `python -m tests.store.test_schema`; do not edit.
CREATE TABLE audit (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    person BLOB NOT NULL,
    counts TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_person ON audit (person);
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
CREATE TABLE conversation (
    conversation_no INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    fresh_from INTEGER NOT NULL DEFAULT 0,
    unfolded_tokens INTEGER NOT NULL DEFAULT 0, seats INTEGER NOT NULL DEFAULT 0, seated_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (platform, space, key)
) STRICT;
CREATE TABLE delivery (
    delivery_no INTEGER PRIMARY KEY,
    conversation_no INTEGER NOT NULL REFERENCES conversation (conversation_no),
    event_id TEXT NOT NULL,
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id) ON DELETE CASCADE,
    shown_at INTEGER NOT NULL,
    UNIQUE (conversation_no, event_id)
) STRICT;
CREATE INDEX delivery_by_event ON delivery (event_id);
CREATE INDEX delivery_by_turn ON delivery (turn_id);
CREATE TABLE departure (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    purge_at INTEGER NOT NULL,
    PRIMARY KEY (platform, space)
) STRICT, WITHOUT ROWID;
CREATE TABLE embedding_model (
    model_no INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (name, dimension)
) STRICT;
CREATE TABLE entity (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL
) STRICT;
CREATE TABLE entity_name (
    entity_id INTEGER NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    alias INTEGER NOT NULL,
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE, change_no INTEGER,
    PRIMARY KEY (folded, entity_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_name_by_change ON entity_name (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX entity_name_by_memory ON entity_name (memory_id);
CREATE TABLE erasure (erasure_id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL) STRICT;
CREATE TABLE forms (version INTEGER NOT NULL) STRICT;
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
CREATE TABLE ledger_key (key_no INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE memory (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    audience TEXT NOT NULL,
    place TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    entity_id INTEGER REFERENCES entity (id),
    attribute TEXT,
    value TEXT,
    exclusive INTEGER NOT NULL DEFAULT 0,
    extractor TEXT NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0, change_no INTEGER, uid TEXT, uprooted INTEGER NOT NULL DEFAULT 0,
    CHECK ((attribute IS NULL) = (value IS NULL)),
    CHECK (entity_id IS NULL OR attribute IS NOT NULL)
) STRICT;
CREATE INDEX memory_by_change ON memory (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX memory_by_entity ON memory (entity_id) WHERE entity_id IS NOT NULL;
CREATE UNIQUE INDEX memory_by_uid ON memory (uid);
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
    links TEXT NOT NULL, uid TEXT,
    PRIMARY KEY (change_no, memory_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE memory_source (
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL REFERENCES message (id), change_no INTEGER,
    PRIMARY KEY (memory_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_source_by_change ON memory_source (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX memory_source_by_message ON memory_source (message_id);
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
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    conversation_no INTEGER NOT NULL REFERENCES conversation (conversation_no),
    event_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('person', 'ellie', 'note')),
    speaker TEXT NOT NULL,
    text TEXT,
    tokens INTEGER NOT NULL,
    audience TEXT NOT NULL,
    place TEXT NOT NULL,
    sent_at INTEGER NOT NULL, keep_until INTEGER, edited_at INTEGER,
    UNIQUE (conversation_no, event_id)
) STRICT;
CREATE INDEX message_by_age ON message (sent_at) WHERE text IS NOT NULL;
CREATE INDEX message_by_event ON message (event_id);
CREATE INDEX message_by_keep ON message (keep_until)
    WHERE keep_until IS NOT NULL AND text IS NOT NULL;
CREATE TABLE notice (
    scope_no INTEGER NOT NULL REFERENCES scope (scope_no),
    name TEXT NOT NULL,
    PRIMARY KEY (scope_no, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE opt_out (mark BLOB PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE opt_out_name (
    mark BLOB NOT NULL,
    person BLOB NOT NULL REFERENCES opt_out (mark) ON DELETE CASCADE,
    PRIMARY KEY (mark, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    audience TEXT NOT NULL,
    terms TEXT NOT NULL,
    model_no INTEGER NOT NULL DEFAULT 0
, said_at INTEGER NOT NULL DEFAULT 0, speaker TEXT NOT NULL DEFAULT '', traits INTEGER NOT NULL DEFAULT 0, seat INTEGER) STRICT;
CREATE INDEX passage_by_model ON passage (model_no);
CREATE INDEX passage_by_seat ON passage (seat) WHERE seat IS NOT NULL;
CREATE VIRTUAL TABLE passage_fts USING fts5 (
    terms, content = 'passage', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
CREATE TABLE passage_vector (
    id INTEGER PRIMARY KEY REFERENCES passage (id) ON DELETE CASCADE,
    model_no INTEGER NOT NULL REFERENCES embedding_model (model_no),
    embedding BLOB NOT NULL CHECK (length(embedding) > 0),
    bits BLOB NOT NULL CHECK (length(bits) = (length(embedding) + 7) / 8)
) STRICT;
CREATE TABLE platform_token (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (platform, space)
) STRICT, WITHOUT ROWID;
CREATE TABLE retention (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    message_days INTEGER,
    memory_days INTEGER,
    PRIMARY KEY (platform, space)
) STRICT, WITHOUT ROWID;
CREATE TABLE round_trip (mark BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE scope (
    scope_no INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    message_seq INTEGER NOT NULL DEFAULT 0,
    memory_seq INTEGER NOT NULL DEFAULT 0,
    entity_seq INTEGER NOT NULL DEFAULT 0, paused_at INTEGER,
    UNIQUE (platform, space, user)
) STRICT;
CREATE TABLE space_setting (
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (platform, space, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE summary (
    summary_id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_no INTEGER NOT NULL REFERENCES conversation (conversation_no),
    previous_id INTEGER REFERENCES summary (summary_id) ON DELETE CASCADE,
    scope_no INTEGER,
    audience TEXT NOT NULL,
    text TEXT NOT NULL,
    through_turn INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX summary_by_conversation ON summary (conversation_no, summary_id);
CREATE INDEX summary_by_previous ON summary (previous_id);
CREATE TABLE summary_message (
    summary_id INTEGER NOT NULL REFERENCES summary (summary_id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL REFERENCES message (id),
    PRIMARY KEY (message_id, summary_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX summary_message_by_summary ON summary_message (summary_id);
CREATE TABLE supersession (
    older_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    newer_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE, change_no INTEGER,
    PRIMARY KEY (older_id, newer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX supersession_by_change ON supersession (change_no) WHERE change_no IS NOT NULL;
CREATE INDEX supersession_by_newer ON supersession (newer_id);
CREATE TABLE tombstone (mark BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE turn (
    turn_id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_no INTEGER NOT NULL REFERENCES conversation (conversation_no),
    scope_no INTEGER NOT NULL REFERENCES scope (scope_no),
    audience TEXT NOT NULL,
    message_id INTEGER NOT NULL UNIQUE REFERENCES message (id),
    reply_id INTEGER UNIQUE REFERENCES message (id),
    summary_id INTEGER REFERENCES summary (summary_id) ON DELETE SET NULL,
    history_from INTEGER,
    finished_at INTEGER,
    urgent INTEGER NOT NULL DEFAULT 0,
    consolidated_at INTEGER,
    extractor TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER NOT NULL DEFAULT 0,
    last_error TEXT
, replied_to INTEGER REFERENCES turn (turn_id) ON DELETE SET NULL, overheard INTEGER NOT NULL DEFAULT 0, reach TEXT NOT NULL DEFAULT 'all', outsider INTEGER NOT NULL DEFAULT 0, runner TEXT) STRICT;
CREATE INDEX turn_by_conversation ON turn (conversation_no, turn_id);
CREATE INDEX turn_by_extractor ON turn (extractor);
CREATE INDEX turn_by_replied ON turn (replied_to) WHERE replied_to IS NOT NULL;
CREATE INDEX turn_by_summary ON turn (summary_id);
CREATE INDEX turn_unanswered ON turn (conversation_no) WHERE finished_at IS NULL;
CREATE INDEX turn_unconsolidated ON turn (scope_no, audience) WHERE consolidated_at IS NULL;
CREATE TABLE turn_memory (
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id),
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE, parts TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (turn_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_memory_by_memory ON turn_memory (memory_id);
CREATE TABLE turn_message (
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id),
    message_id INTEGER NOT NULL REFERENCES message (id), parts TEXT NOT NULL DEFAULT '{}', history INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (turn_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_message_by_message ON turn_message (message_id);
CREATE TABLE usage (
    scope_no INTEGER NOT NULL REFERENCES scope (scope_no),
    day TEXT NOT NULL,
    calls INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL, tool_rounds INTEGER NOT NULL DEFAULT 0, tool_calls INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope_no, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER entity_name_entered AFTER INSERT ON entity_name WHEN new.change_no IS NULL BEGIN
    UPDATE entity_name SET change_no = (SELECT change_id FROM change WHERE open)
    WHERE folded = new.folded AND entity_id = new.entity_id AND memory_id = new.memory_id;
END;
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
CREATE TRIGGER memory_deleted AFTER DELETE ON memory BEGIN
    DELETE FROM passage WHERE id = old.id * 2 + 1;
END;
CREATE TRIGGER memory_entered AFTER INSERT ON memory WHEN new.change_no IS NULL BEGIN
    UPDATE memory SET change_no = (SELECT change_id FROM change WHERE open) WHERE id = new.id;
END;
CREATE TRIGGER memory_named AFTER INSERT ON memory WHEN new.uid IS NULL BEGIN
    UPDATE memory SET uid = lower(hex(randomblob(16))) WHERE id = new.id;
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
         WHERE old.id IN (older_id, newer_id)),
        old.uid
    FROM change WHERE open;
END;
CREATE TRIGGER memory_source_entered AFTER INSERT ON memory_source WHEN new.change_no IS NULL BEGIN
    UPDATE memory_source SET change_no = (SELECT change_id FROM change WHERE open)
    WHERE memory_id = new.memory_id AND message_id = new.message_id;
END;
CREATE TRIGGER memory_source_lost AFTER DELETE ON memory_source BEGIN
    UPDATE memory SET uprooted = 1 WHERE id = old.memory_id;
END;
CREATE TRIGGER message_erased AFTER UPDATE OF text ON message WHEN new.text IS NULL BEGIN
    DELETE FROM passage WHERE id = old.id * 2;
END;
CREATE TRIGGER passage_deleted AFTER DELETE ON passage BEGIN
    INSERT INTO passage_fts (passage_fts, rowid, terms) VALUES ('delete', old.id, old.terms);
END;
CREATE TRIGGER passage_inserted AFTER INSERT ON passage BEGIN
    INSERT INTO passage_fts (rowid, terms) VALUES (new.id, new.terms);
END;
CREATE TRIGGER supersession_entered AFTER INSERT ON supersession WHEN new.change_no IS NULL BEGIN
    UPDATE supersession SET change_no = (SELECT change_id FROM change WHERE open)
    WHERE older_id = new.older_id AND newer_id = new.newer_id;
END;
PRAGMA user_version = 8;
