"""The second shape: what filters, acts, drafts, named versions and kept checks need. Frozen like the first.

``conversation_facts`` is narrow and lies in the order in which conversations are shown, so that a filter reads a few
megabytes instead of every text. ``removed`` conversations stay where they are until their act is undone. What can be
worked out again from the conversations themselves has no foreign key and so never goes through the trash.
"""

SQL = """
CREATE TABLE conversation_facts (
    persona_id TEXT NOT NULL, position INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    id TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL, words INTEGER NOT NULL,
    turns INTEGER NOT NULL, persona_turns INTEGER NOT NULL, lengths TEXT NOT NULL, split_key INTEGER NOT NULL,
    imported INTEGER NOT NULL,
    PRIMARY KEY (persona_id, position, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_facts_of ON conversation_facts (seq, removed);
CREATE INDEX conversation_facts_imported ON conversation_facts (imported, persona_id);

CREATE TABLE facet_values (
    id INTEGER PRIMARY KEY, persona_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    UNIQUE (persona_id, kind, value)
) STRICT;
CREATE TABLE conversation_facets (
    facet_id INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (facet_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_facets_of ON conversation_facets (seq);

-- Punctuation, which the search for words leaves out: every sign, and every two and three in a row.
CREATE VIRTUAL TABLE sign_search USING fts5 (signs, detail = none, columnsize = 0, tokenize = 'ascii');

INSERT INTO conversation_search (conversation_search, rank) VALUES ('hashsize', 16777216);
INSERT INTO conversation_search (conversation_search, rank) VALUES ('automerge', 8);
DROP INDEX conversations_owner;
-- Edits are indexed where they are made: in bulk, because FTS5 writes to the disk at every statement of a trigger.
DROP TRIGGER conversations_edited;
DROP TRIGGER conversations_removed;
CREATE TRIGGER conversations_removed AFTER DELETE ON conversations BEGIN
    DELETE FROM conversation_search WHERE rowid = old.seq;
    DELETE FROM sign_search WHERE rowid = old.seq;
    DELETE FROM conversation_facets WHERE seq = old.seq;
END;

CREATE TABLE acts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL UNIQUE,
    persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE, label TEXT NOT NULL,
    conversations INTEGER NOT NULL DEFAULT 0, done_at TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX acts_by_persona ON acts (persona_id, seq);
CREATE TABLE act_steps (
    act INTEGER NOT NULL REFERENCES acts (seq) ON DELETE CASCADE, conversation INTEGER NOT NULL, kind TEXT NOT NULL,
    before INTEGER NOT NULL DEFAULT 0, after INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (act, conversation, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX act_steps_of ON act_steps (conversation);

CREATE TABLE stored_checks (
    persona_id TEXT PRIMARY KEY NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    stamp TEXT NOT NULL, checked_at TEXT NOT NULL, report TEXT NOT NULL
) STRICT;

CREATE TABLE drafts (
    id TEXT PRIMARY KEY NOT NULL, persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, prompt TEXT NOT NULL, reply TEXT NOT NULL, original TEXT NOT NULL, state TEXT NOT NULL,
    created_at TEXT NOT NULL, details TEXT NOT NULL
) STRICT;
CREATE INDEX drafts_by_persona ON drafts (persona_id, state);

ALTER TABLE dataset_versions ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- The imported file as it was, where card and portrait do not say all that it held.
ALTER TABLE personas ADD COLUMN original TEXT NOT NULL DEFAULT '';
"""
