"""The third shape: what the trainer's queue, its samples, its log and its memory measurements need. Frozen."""

SQL = """
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
"""
