-- A library of the first shape (m001), frozen. Never change it: it stands for those on people's disks.
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
) STRICT;
CREATE INDEX personas_by_name ON personas (folded_name);
CREATE TABLE conversations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    content_hash TEXT NOT NULL, persona_turns INTEGER NOT NULL, revision INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, tags TEXT NOT NULL, turns TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_by_persona ON conversations (persona_id, seq, persona_turns);
CREATE INDEX conversations_owner ON conversations (seq, persona_id);
CREATE INDEX conversations_by_content ON conversations (content_hash, persona_id);
CREATE TABLE conversation_revisions (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, revision INTEGER NOT NULL,
    turns TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, tags TEXT NOT NULL, replaced_at TEXT NOT NULL,
    PRIMARY KEY (conversation_id, revision)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE conversation_search USING fts5 (
    persona, words, prefix = '1 2', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE TRIGGER conversations_edited AFTER UPDATE OF turns, title, tags ON conversations BEGIN
    UPDATE conversation_search SET words = searchable(new.turns, new.title, new.tags) WHERE rowid = new.seq;
END;
CREATE TRIGGER conversations_removed AFTER DELETE ON conversations BEGIN
    DELETE FROM conversation_search WHERE rowid = old.seq;
END;
CREATE TABLE dataset_versions (
    id TEXT PRIMARY KEY NOT NULL, persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, content TEXT NOT NULL, conversations INTEGER NOT NULL, persona_turns INTEGER NOT NULL,
    heldout_conversations INTEGER NOT NULL, heldout_fraction REAL NOT NULL, created_at TEXT NOT NULL
) STRICT;
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
INSERT INTO "_sqlite_migrations" VALUES (1, 'studio', 'm001_first', '2026-11-21 18:06:30.262113+00:00');
INSERT INTO "personas" VALUES ('persona-00000001', 'Mira Ëlswyn', 'mira ëlswyn', 'keeper of the lamp', '', '"Halt!"', '["Hm?","你好"]', '', '["fantasy","slow burn"]', '#8ea6ff', '', '{"spec": "chara_card_v2", "data": {"extensions": {"odd": [1, 2.5, null, 1000000000000000000000000000000]}}}', '2026-11-21T17:00:00+00:00');
INSERT INTO "conversations" VALUES (1, 'talk-61f78424', 'persona-00000001', '6c880c66872d7297677feb22b79bed4a7e324a6d7e4548865b812c9d0f72bbbe', 1, 1, '2026-11-21T18:06:30+00:00', 'At the gate', 'gate.jsonl', '["night"]', '[{"role":"system","text":"Stay in character.","speaker":"","train":false,"alternatives":[]},{"role":"user","text":"Who goes there?","speaker":"Guard","train":true,"alternatives":[]},{"role":"assistant","text":"Only the wind… and dragons!","speaker":"Mira","train":true,"alternatives":["Me.","Nobody."]}]');
INSERT INTO "conversations" VALUES (2, 'talk-224481e2', 'persona-00000001', '78cb1184de71e64f1cc9431efaf6919c217068fdc2f45e66e594e71df895dac5', 1, 2, '2026-11-21T18:06:30+00:00', '', '', '[]', '[{"role":"user","text":"Tell me of the sea.","speaker":"","train":true,"alternatives":[]},{"role":"assistant","text":"It sings.","speaker":"","train":true,"alternatives":[]}]');
INSERT INTO "conversation_revisions" VALUES ('talk-224481e2', 1, '[{"role":"user","text":"Tell me of the sea.","speaker":"","train":true,"alternatives":[]},{"role":"assistant","text":"It hums.","speaker":"","train":true,"alternatives":[]}]', '', '', '[]', '2026-11-21T18:06:30+00:00');
INSERT INTO "conversation_search" (rowid, persona, words) VALUES (1, 'persona00000001', 'At the gate
night
Stay in character.
Who goes there?
Only the wind… and dragons!');
INSERT INTO "conversation_search" (rowid, persona, words) VALUES (2, 'persona00000001', '
Tell me of the sea.
It sings.');
INSERT INTO "dataset_versions" VALUES ('data-1', 'persona-00000001', 1, 'abababababababababababababababababababababababababababababababab', 2, 2, 1, 0.1, '');
INSERT INTO "dataset_items" VALUES ('data-1', 0, 'talk-61f78424', 1, 1);
INSERT INTO "dataset_items" VALUES ('data-1', 1, 'talk-224481e2', 1, 0);
INSERT INTO "base_models" VALUES ('base-1', 'Starter', 'bases/starter', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 135000000, 'llama', 30, 576, 1536, 49152, 9, 3, 8192, '', 'apache-2.0', '');
INSERT INTO "recipes" VALUES ('recipe-1', 'lora', '{"rank": 16, "seed": 7, "layers": ["q", "v"]}', 'quick', '');
INSERT INTO "runs" VALUES ('run-1', 'persona-00000001', 'base-1', 'data-1', 'recipe-1', 'queued', 1, '', '', 0, 0, 0, 0.0, 0.0, 0, 3.25, NULL, '', '', '', '', '');
INSERT INTO "metric_points" VALUES ('run-1', 1, 'train', 3.0, 0.0, 0.0, 0.0, 0);
INSERT INTO "metric_points" VALUES ('run-1', 2, 'train', 1.5, 0.0, 0.0, 0.0, 0);
INSERT INTO "metric_points" VALUES ('run-1', 3, 'train', 1.0, 0.0, 0.0, 0.0, 0);
INSERT INTO "adapters" VALUES ('adapter-1', 'Mira 1', 'mira 1', 'persona-00000001', 'base-1', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'run-1', 'lora', 16, 32.0, 120, 'adapters/adapter-1', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', 1234, 3.00000000000000044408e-01, '');
INSERT INTO "exports" VALUES ('export-1', 'adapter-1', 'gguf', '/somewhere', '', '');
INSERT INTO "chats" VALUES ('chat-1', 'Trial', '[[{"adapter_id":"","strength":1.0,"system_prompt":""},"m2"],[{"adapter_id":"adapter-1","strength":0.7,"system_prompt":""},""]]', '');
INSERT INTO "chat_messages" VALUES (1, 'm1', 'chat-1', NULL, 'user', 'Hello', '{}', '');
INSERT INTO "chat_messages" VALUES (2, 'm2', 'chat-1', 'm1', 'assistant', 'Hm?', '{"seed": 5}', '');
INSERT INTO "chat_messages" VALUES (3, 'm3', 'chat-1', 'm1', 'assistant', 'Yes?', '{}', '');
INSERT INTO "chat_messages" VALUES (4, 'm4', 'chat-1', 'm3', 'user', 'Nothing.', '{}', '');
INSERT INTO "settings" VALUES ('theme', '"dark"');
PRAGMA user_version = 1;
