BEGIN IMMEDIATE;

-- Who. A number is never used again, so an erased person's ids never point at somebody else.
CREATE TABLE scope (
    scope_no INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    message_seq INTEGER NOT NULL DEFAULT 0,
    memory_seq INTEGER NOT NULL DEFAULT 0,
    entity_seq INTEGER NOT NULL DEFAULT 0,
    UNIQUE (platform, space, user)
) STRICT;

-- Where. `fresh_from` is the last turn before a /new; `unfolded_tokens` what no summary covers yet.
CREATE TABLE conversation (
    conversation_no INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    fresh_from INTEGER NOT NULL DEFAULT 0,
    unfolded_tokens INTEGER NOT NULL DEFAULT 0,
    UNIQUE (platform, space, key)
) STRICT;

-- What was said. id = scope_no << 24 | seq: one scope is one range. A text that was forgotten or
-- outlived its retention is NULL; the row stays so that its event is not written down again.
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
    sent_at INTEGER NOT NULL,
    UNIQUE (conversation_no, event_id)
) STRICT;
CREATE INDEX message_by_age ON message (sent_at) WHERE text IS NOT NULL;

-- The rolling summaries: each stands for its previous one and for `summary_message`. Erasing one
-- erases those built on it. `scope_no`: the one person a PRIVATE summary is for.
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

-- One addressed message, what its prompt held, and the reply. The prompt's history was the turns
-- of the conversation from `history_from` on (NULL: it held none).
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
) STRICT;
CREATE INDEX turn_by_conversation ON turn (conversation_no, turn_id);
CREATE INDEX turn_unanswered ON turn (conversation_no) WHERE finished_at IS NULL;
CREATE INDEX turn_unconsolidated ON turn (scope_no, audience) WHERE consolidated_at IS NULL;
CREATE INDEX turn_by_extractor ON turn (extractor);
CREATE INDEX turn_by_summary ON turn (summary_id);

-- What is known. id = scope_no << 24 | number, where number is the 42 of m42.
CREATE TABLE entity (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL
) STRICT;
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
    uses INTEGER NOT NULL DEFAULT 0,
    CHECK ((attribute IS NULL) = (value IS NULL)),
    CHECK (entity_id IS NULL OR attribute IS NOT NULL)
) STRICT;
CREATE INDEX memory_by_entity ON memory (entity_id) WHERE entity_id IS NOT NULL;
CREATE TABLE memory_source (
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL REFERENCES message (id),
    PRIMARY KEY (memory_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_source_by_message ON memory_source (message_id);
-- Which statement closed which. A reader who may not see the newer one does not see it closed.
CREATE TABLE supersession (
    older_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    newer_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    PRIMARY KEY (older_id, newer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX supersession_by_newer ON supersession (newer_id);
-- Each name comes from a memory, has its audience and goes with it.
CREATE TABLE entity_name (
    entity_id INTEGER NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    alias INTEGER NOT NULL,
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    PRIMARY KEY (folded, entity_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_name_by_memory ON entity_name (memory_id);

CREATE TABLE turn_memory (
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id),
    memory_id INTEGER NOT NULL REFERENCES memory (id) ON DELETE CASCADE,
    PRIMARY KEY (turn_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_memory_by_memory ON turn_memory (memory_id);
CREATE TABLE turn_message (
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id),
    message_id INTEGER NOT NULL REFERENCES message (id),
    PRIMARY KEY (turn_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_message_by_message ON turn_message (message_id);

-- How it is found: one passage a memory (id * 2 + 1) and one a person's message (id * 2), so that a
-- scope is one range again. `terms` are the stems that full text compares. `model_no` is the model
-- whose vector it has (0: none yet).
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    audience TEXT NOT NULL,
    terms TEXT NOT NULL,
    length INTEGER NOT NULL,
    model_no INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX passage_by_model ON passage (model_no);
CREATE VIRTUAL TABLE passage_fts USING fts5 (
    terms, content = 'passage', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0'
);
CREATE TABLE embedding_model (
    model_no INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (name, dimension)
) STRICT;
-- int8 vectors and their signs (one bit a dimension), in a table of their own so that a scan is dense.
CREATE TABLE passage_vector (
    id INTEGER PRIMARY KEY REFERENCES passage (id) ON DELETE CASCADE,
    model_no INTEGER NOT NULL REFERENCES embedding_model (model_no),
    embedding BLOB NOT NULL CHECK (length(embedding) > 0),
    bits BLOB NOT NULL CHECK (length(bits) = (length(embedding) + 7) / 8)
) STRICT;

CREATE TRIGGER passage_inserted AFTER INSERT ON passage BEGIN
    INSERT INTO passage_fts (rowid, terms) VALUES (new.id, new.terms);
END;
CREATE TRIGGER passage_deleted AFTER DELETE ON passage BEGIN
    INSERT INTO passage_fts (passage_fts, rowid, terms) VALUES ('delete', old.id, old.terms);
END;
CREATE TRIGGER memory_deleted AFTER DELETE ON memory BEGIN
    DELETE FROM passage WHERE id = old.id * 2 + 1;
END;
CREATE TRIGGER message_erased AFTER UPDATE OF text ON message WHEN new.text IS NULL BEGIN
    DELETE FROM passage WHERE id = old.id * 2;
END;

CREATE TABLE usage (
    scope_no INTEGER NOT NULL REFERENCES scope (scope_no),
    day TEXT NOT NULL,
    calls INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    PRIMARY KEY (scope_no, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE notice (
    scope_no INTEGER NOT NULL REFERENCES scope (scope_no),
    name TEXT NOT NULL,
    PRIMARY KEY (scope_no, name)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
COMMIT;
