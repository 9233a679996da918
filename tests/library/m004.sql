-- A library of the fourth shape (m004), frozen. Never change it: it stands for those on people's disks.
-- One of everything in tests/library/examples.py.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE personas (
    id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, folded_name TEXT NOT NULL,
    tagline TEXT NOT NULL, description TEXT NOT NULL, greeting TEXT NOT NULL, alternate_greetings TEXT NOT NULL,
    system_prompt TEXT NOT NULL, tags TEXT NOT NULL, colour TEXT NOT NULL, portrait TEXT NOT NULL,
    card TEXT NOT NULL, created_at TEXT NOT NULL
, original TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX personas_by_name ON personas (folded_name);
CREATE TABLE conversations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    content_hash TEXT NOT NULL, persona_turns INTEGER NOT NULL, revision INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, tags TEXT NOT NULL, turns TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_by_persona ON conversations (persona_id, seq, persona_turns);
CREATE INDEX conversations_by_content ON conversations (content_hash, persona_id);
CREATE TABLE conversation_revisions (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, revision INTEGER NOT NULL,
    turns TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, tags TEXT NOT NULL, replaced_at TEXT NOT NULL,
    PRIMARY KEY (conversation_id, revision)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE conversation_search USING fts5 (
    persona, words, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE TABLE dataset_versions (
    id TEXT PRIMARY KEY NOT NULL, persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, content TEXT NOT NULL, conversations INTEGER NOT NULL, persona_turns INTEGER NOT NULL,
    heldout_conversations INTEGER NOT NULL, heldout_fraction REAL NOT NULL, created_at TEXT NOT NULL
, name TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX dataset_versions_by_persona ON dataset_versions (persona_id, number);
CREATE TABLE dataset_items (
    dataset_id TEXT NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE, position INTEGER NOT NULL,
    conversation_id TEXT NOT NULL, revision INTEGER NOT NULL, heldout INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE base_models (
    id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, fingerprint TEXT NOT NULL,
    parameters INTEGER NOT NULL, architecture TEXT NOT NULL, layers INTEGER NOT NULL, hidden_size INTEGER NOT NULL,
    intermediate_size INTEGER NOT NULL, vocabulary INTEGER NOT NULL, heads INTEGER NOT NULL,
    key_value_heads INTEGER NOT NULL, context_length INTEGER NOT NULL, hub_id TEXT NOT NULL, licence TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX base_models_by_fingerprint ON base_models (fingerprint);
CREATE TABLE recipes (
    id TEXT PRIMARY KEY NOT NULL, method TEXT NOT NULL, options TEXT NOT NULL, preset TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL, persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    base_id TEXT NOT NULL, dataset_id TEXT NOT NULL REFERENCES dataset_versions (id),
    recipe_id TEXT NOT NULL REFERENCES recipes (id), state TEXT NOT NULL, number INTEGER NOT NULL,
    method TEXT NOT NULL, quantization TEXT NOT NULL, step INTEGER NOT NULL, total_steps INTEGER NOT NULL,
    trained_tokens INTEGER NOT NULL, tokens_per_second REAL NOT NULL, seconds REAL NOT NULL,
    peak_memory_bytes INTEGER NOT NULL, heldout_nll_base REAL, heldout_nll_adapter REAL, adapter_id TEXT NOT NULL,
    failure TEXT NOT NULL, created_at TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_persona ON runs (persona_id);
CREATE INDEX runs_by_state ON runs (state);
CREATE INDEX runs_by_dataset ON runs (dataset_id);
CREATE INDEX runs_by_recipe ON runs (recipe_id);
CREATE TABLE metric_points (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, kind TEXT NOT NULL,
    loss REAL, learning_rate REAL, gradient_norm REAL, tokens_per_second REAL, memory_bytes INTEGER NOT NULL,
    PRIMARY KEY (run_id, step, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE adapters (
    id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, folded_name TEXT NOT NULL,
    persona_id TEXT REFERENCES personas (id) ON DELETE CASCADE, base_id TEXT NOT NULL,
    base_fingerprint TEXT NOT NULL, run_id TEXT NOT NULL, method TEXT NOT NULL, rank INTEGER NOT NULL,
    alpha REAL NOT NULL, step INTEGER NOT NULL, path TEXT NOT NULL, content TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, gain REAL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX adapters_by_persona ON adapters (persona_id);
CREATE INDEX adapters_by_name ON adapters (folded_name);
CREATE INDEX adapters_by_run ON adapters (run_id);
CREATE TABLE exports (
    id TEXT PRIMARY KEY NOT NULL, adapter_id TEXT NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
    format TEXT NOT NULL, path TEXT NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX exports_by_adapter ON exports (adapter_id);
CREATE TABLE chats (
    id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, columns TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE chat_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    parent_id TEXT REFERENCES chat_messages (id) ON DELETE CASCADE,
    role TEXT NOT NULL, text TEXT NOT NULL, made_by TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX chat_messages_by_chat ON chat_messages (chat_id);
CREATE INDEX chat_messages_by_parent ON chat_messages (parent_id);
CREATE TABLE settings (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE trash (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, item_id TEXT NOT NULL,
    removed_at TEXT NOT NULL
) STRICT;
CREATE TABLE trash_rows (
    token TEXT NOT NULL REFERENCES trash (token) ON DELETE CASCADE, position INTEGER NOT NULL,
    table_name TEXT NOT NULL, item TEXT NOT NULL,
    PRIMARY KEY (token, position)
) STRICT, WITHOUT ROWID;
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
CREATE VIRTUAL TABLE sign_search USING fts5 (signs, detail = none, columnsize = 0, tokenize = 'ascii');
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
INSERT INTO conversation_search (conversation_search, rank) VALUES ('hashsize', 16777216);
INSERT INTO conversation_search (conversation_search, rank) VALUES ('automerge', 8);
INSERT INTO "_sqlite_migrations" VALUES (1, 'studio', 'm001_first', '2026-11-21 21:20:54.898189+00:00');
INSERT INTO "_sqlite_migrations" VALUES (2, 'studio', 'm002_data_bench', '2026-11-21 21:20:54.935933+00:00');
INSERT INTO "personas" VALUES ('persona-00000001', 'Mira Ëlswyn', 'mira ëlswyn', 'keeper of the lamp', '', '"Halt!"', '["Hm?","你好"]', '', '["fantasy","slow burn"]', '#8ea6ff', '', '{"spec": "chara_card_v2", "data": {"extensions": {"odd": [1, 2.5, null, 1000000000000000000000000000000]}}}', '2026-11-21T17:00:00+00:00', '');
INSERT INTO "conversations" VALUES (1, 'talk-467deffe660b', 'persona-00000001', '6c880c66872d7297677feb22b79bed4a7e324a6d7e4548865b812c9d0f72bbbe', 1, 1, '2026-11-21T21:20:54+00:00', 'At the gate', 'gate.jsonl', '["night"]', '[{"role":"system","text":"Stay in character.","speaker":"","train":false,"alternatives":[],"marks":[]},{"role":"user","text":"Who goes there?","speaker":"Guard","train":true,"alternatives":[],"marks":[]},{"role":"assistant","text":"Only the wind… and dragons!","speaker":"Mira","train":true,"alternatives":["Me.","Nobody."],"marks":[]}]');
INSERT INTO "conversations" VALUES (2, 'talk-54ba1506a0ad', 'persona-00000001', '78cb1184de71e64f1cc9431efaf6919c217068fdc2f45e66e594e71df895dac5', 1, 2, '2026-11-21T21:20:54+00:00', '', '', '[]', '[{"role":"user","text":"Tell me of the sea.","speaker":"","train":true,"alternatives":[],"marks":[]},{"role":"assistant","text":"It sings.","speaker":"","train":true,"alternatives":[],"marks":[]}]');
INSERT INTO "conversation_revisions" VALUES ('talk-54ba1506a0ad', 1, '[{"role":"user","text":"Tell me of the sea.","speaker":"","train":true,"alternatives":[],"marks":[]},{"role":"assistant","text":"It hums.","speaker":"","train":true,"alternatives":[],"marks":[]}]', '', '', '[]', '2026-11-21T21:20:54+00:00');
INSERT INTO "conversation_search" (rowid, persona, words) VALUES (1, 'persona00000001', 'At the gate
night
Stay in character.
Who goes there?
Only the wind… and dragons!');
INSERT INTO "conversation_search" (rowid, persona, words) VALUES (2, 'persona00000001', '
Tell me of the sea.
It sings.');
INSERT INTO "dataset_versions" VALUES ('data-1', 'persona-00000001', 1, 'abababababababababababababababababababababababababababababababab', 2, 2, 1, 0.1, '', '');
INSERT INTO "dataset_items" VALUES ('data-1', 0, 'talk-467deffe660b', 1, 1);
INSERT INTO "dataset_items" VALUES ('data-1', 1, 'talk-54ba1506a0ad', 1, 0);
INSERT INTO "base_models" VALUES ('base-1', 'Starter', 'bases/starter', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 135000000, 'llama', 30, 576, 1536, 49152, 9, 3, 8192, '', 'apache-2.0', '');
INSERT INTO "recipes" VALUES ('recipe-1', 'lora', '{"rank": 16, "seed": 7, "layers": ["q", "v"]}', 'quick', '');
INSERT INTO "runs" VALUES ('run-1', 'persona-00000001', 'base-1', 'data-1', 'recipe-1', 'queued', 1, '', '', 0, 0, 0, 0.0, 0.0, 0, 3.25, NULL, '', '', '', '', '');
INSERT INTO "metric_points" VALUES ('run-1', 1, 'train', 3.0, 0.0, 0.0, 0.0, 0);
INSERT INTO "metric_points" VALUES ('run-1', 2, 'train', 1.5, 0.0, 0.0, 0.0, 0);
INSERT INTO "metric_points" VALUES ('run-1', 3, 'train', 1.0, 0.0, 0.0, 0.0, 0);
INSERT INTO "adapters" VALUES ('adapter-1', 'Mira 1', 'mira 1', 'persona-00000001', 'base-1', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'run-1', 'lora', 16, 32.0, 120, 'adapters/adapter-1', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', 1234, 0.30000000000000004, '');
INSERT INTO "exports" VALUES ('export-1', 'adapter-1', 'gguf', '/somewhere', '', '');
INSERT INTO "chats" VALUES ('chat-1', 'Trial', '[[{"adapter_id":"","strength":1.0,"system_prompt":""},"m2"],[{"adapter_id":"adapter-1","strength":0.7,"system_prompt":""},""]]', '');
INSERT INTO "chat_messages" VALUES (1, 'm1', 'chat-1', NULL, 'user', 'Hello', '{}', '');
INSERT INTO "chat_messages" VALUES (2, 'm2', 'chat-1', 'm1', 'assistant', 'Hm?', '{"seed": 5}', '');
INSERT INTO "chat_messages" VALUES (3, 'm3', 'chat-1', 'm1', 'assistant', 'Yes?', '{}', '');
INSERT INTO "chat_messages" VALUES (4, 'm4', 'chat-1', 'm3', 'user', 'Nothing.', '{}', '');
INSERT INTO "settings" VALUES ('theme', '"dark"');
INSERT INTO "conversation_facts" VALUES ('persona-00000001', 4294967296, 1, 'talk-467deffe660b', 0, 1, 11, 3, 1, '5', 3376540185293142100, 3755661639248559529);
INSERT INTO "conversation_facts" VALUES ('persona-00000001', 8589934592, 2, 'talk-54ba1506a0ad', 0, 2, 7, 2, 1, '2', 8447860367692213807, 3062028609500471995);
INSERT INTO "facet_values" VALUES (1, 'persona-00000001', 'speaker', 'Mira');
INSERT INTO "facet_values" VALUES (2, 'persona-00000001', 'speaker', 'Guard');
INSERT INTO "facet_values" VALUES (3, 'persona-00000001', 'source', 'gate.jsonl');
INSERT INTO "facet_values" VALUES (4, 'persona-00000001', 'tag', 'night');
INSERT INTO "facet_values" VALUES (5, 'persona-00000001', 'finding', 'one_word_turns');
INSERT INTO "conversation_facets" VALUES (1, 1);
INSERT INTO "conversation_facets" VALUES (2, 1);
INSERT INTO "conversation_facets" VALUES (3, 1);
INSERT INTO "conversation_facets" VALUES (4, 1);
INSERT INTO "conversation_facets" VALUES (5, 1);
INSERT INTO "sign_search" (rowid, signs) VALUES (1, '2026 21 2e 3f ppersona00000001');
INSERT INTO "sign_search" (rowid, signs) VALUES (2, '2e ppersona00000001');
INSERT INTO "acts" VALUES (1, 'act-c1c6623aee3f', 'persona-00000001', 'Edited a turn', 1, '2026-11-21T21:20:54+00:00', 0);
INSERT INTO "act_steps" VALUES (1, 2, 'changed', 1, 2);
INSERT INTO "stored_checks" VALUES ('persona-00000001', '2:1', '2026-11-21T17:00:00+00:00', '{"findings":[],"flagged":{"one_word_turns":["talk-467deffe660b"]},"turns_flagged":{},"surplus":{},"removals":{},"prints":{},"style":{"turns":0,"asterisks":0,"quotes":0,"both":0,"plain":0,"first_person":0,"third_person":0,"present":0,"past":0},"meter":{"verdict":"too_little","persona_turns":0,"repeated":0,"words":0,"voice_from":50,"good_from":300,"trim_from":2000},"coverage":{"moods":[],"lengths":[],"turn_counts":[],"topics":[],"readable":true},"conversations":2,"persona_turns":2}');
INSERT INTO "drafts" VALUES ('draft-1', 'persona-00000001', 'question', 'Why?', 'Because.', 'Hm.', 'new', '', '{}');
ALTER TABLE runs ADD COLUMN place REAL NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN starts_at TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN continues TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN "group" TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN resting TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN best_step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN conditions TEXT NOT NULL DEFAULT '{}';
UPDATE runs SET resting = 'user' WHERE state = 'paused';

CREATE TABLE run_groups (
    id TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
    persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE, created_at TEXT NOT NULL
) STRICT;

CREATE TABLE run_samples (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, key TEXT NOT NULL,
    prompt TEXT NOT NULL, text TEXT NOT NULL, seed INTEGER NOT NULL, copied REAL NOT NULL, wished INTEGER NOT NULL,
    created_at TEXT NOT NULL, PRIMARY KEY (run_id, step, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_notes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL, code TEXT NOT NULL, details TEXT NOT NULL, weight TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE INDEX run_notes_by_run ON run_notes (run_id);

ALTER TABLE metric_points ADD COLUMN temperature REAL NOT NULL DEFAULT 0;

-- Measured peaks of dry steps: ``key`` names device, base, method and what of the options decides about memory.
CREATE TABLE memory_measurements (
    key TEXT PRIMARY KEY NOT NULL, estimated INTEGER NOT NULL, measured INTEGER NOT NULL, details TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO "_sqlite_migrations" VALUES (3, 'studio', 'm003_trainer', '2026-11-21 23:30:38.305529+00:00');
INSERT INTO "run_groups" VALUES ('group-1', 'sweep', 'rank and rate', 'persona-00000001', '');
INSERT INTO "run_samples" VALUES ('run-1', 2, 'everyday', 'How was your day?', 'Hm. Long.', 7, 0.25, 0, '');
INSERT INTO "run_notes" VALUES (1, 'run-1', 2, 'micro_batch_halved', '{"tokens": 512}', 'info', '');
INSERT INTO "memory_measurements" VALUES ('k', 10, 11, '{"device": "cpu"}', '');

ALTER TABLE chats ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE chats ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat';
ALTER TABLE chats ADD COLUMN sampler TEXT NOT NULL DEFAULT '{}';
ALTER TABLE chats ADD COLUMN lanes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE chat_messages ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;

-- Siblings of a message by one look, the first messages of a chat (without a parent) included.
CREATE INDEX chat_messages_tree ON chat_messages (chat_id, parent_id);
DROP INDEX chat_messages_by_chat;

CREATE TABLE sampler_presets (
    name TEXT PRIMARY KEY NOT NULL, sampler TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;

-- Which adapters a baked one was made of, with their weights and contents; '{}' for one that a run made.
ALTER TABLE adapters ADD COLUMN made_of TEXT NOT NULL DEFAULT '{}';

-- A round of blind voting. ``lanes`` are the numbers of the columns, in the order in which they are shown.
CREATE TABLE ballots (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE, lanes TEXT NOT NULL, revealed INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX ballots_by_chat ON ballots (chat_id);

-- A vote outlives its chat and its adapters, so it holds the texts themselves and names nothing by foreign key.
CREATE TABLE votes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ballot_id TEXT NOT NULL UNIQUE,
    chat_id TEXT NOT NULL, prompt TEXT NOT NULL, replies TEXT NOT NULL, verdict TEXT NOT NULL, blind INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX votes_by_chat ON votes (chat_id);

-- Which reply went into which conversation; whether it is still there, the conversation says.
CREATE TABLE taught (
    message_id TEXT PRIMARY KEY NOT NULL, chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL, taught_at TEXT NOT NULL
) STRICT;
CREATE INDEX taught_by_chat ON taught (chat_id);
CREATE INDEX taught_by_conversation ON taught (conversation_id);

-- What an adapter's content changes at a base, kept as loaded: measured once, so no foreign key.
CREATE TABLE adapter_effects (
    content TEXT NOT NULL, base_fingerprint TEXT NOT NULL, quantization TEXT NOT NULL, change REAL NOT NULL,
    kl REAL NOT NULL, top1_changed REAL NOT NULL, "nothing" INTEGER NOT NULL, measured_at TEXT NOT NULL,
    PRIMARY KEY (content, base_fingerprint, quantization)
) STRICT, WITHOUT ROWID;
INSERT INTO "_sqlite_migrations" VALUES (4, 'studio', 'm004_chat', '2026-11-22 04:08:00.000000+00:00');
INSERT INTO "sampler_presets" VALUES ('mine', '{"top_k": 7}', '2026-11-22T04:08:00+00:00');
INSERT INTO "ballots" VALUES (1, 'ballot-1', 'chat-1', '[1, 0]', 0, '2026-11-22T04:08:00+00:00');
INSERT INTO "votes" VALUES (1, 'vote-1', 'ballot-0', 'chat-1', 'Hello', '[]', 'tie', 1, '2026-11-22T04:08:00+00:00');
INSERT INTO "taught" VALUES ('m2', 'chat-1', 'talk-1', '2026-11-22T04:08:00+00:00');
INSERT INTO "adapter_effects" VALUES ('c', 'f', 'none', 3.5, 0.25, 0.5, 0, '2026-11-22T04:08:00+00:00');
PRAGMA user_version = 4;
