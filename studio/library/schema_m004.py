"""The fourth shape: what chats, scenes, votes and blends need. Frozen like the others once it has shipped."""

CHATS = """
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
"""

# -- votes, teaching and proofs of effect (a block of their own) --------------------------------------------------

VERDICTS = """
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
"""

SQL = CHATS + VERDICTS
