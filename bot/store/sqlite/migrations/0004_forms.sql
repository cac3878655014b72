BEGIN IMMEDIATE;

-- Combining marks belong to a word: without them a Thai word falls into single letters.
DROP TABLE passage_fts;
CREATE VIRTUAL TABLE passage_fts USING fts5 (
    terms, content = 'passage', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);

-- Which version of the stems `passage.terms` and `entity_name.folded` hold (0: from before there
-- were any). Where it is not the program's own, they are made anew when the file is opened.
CREATE TABLE forms (version INTEGER NOT NULL) STRICT;
INSERT INTO forms (version) VALUES (0);

PRAGMA user_version = 4;
COMMIT;
