import type { Migration } from '../migrate.ts';

/** Work that is kept until it can be done. `src/queue/` says what the states mean. */
export const queue: Migration = {
  version: 2,
  name: 'queue',
  statements: [
    // What the key file must be: its fingerprint, so that a wrong one is found before anything is sealed with it.
    'CREATE TABLE queue_key (one INTEGER PRIMARY KEY CHECK (one = 1), fingerprint TEXT NOT NULL)',
    `CREATE TABLE queue_batches (
       id TEXT PRIMARY KEY,
       scope TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       cancel_at BIGINT,
       ended_at BIGINT,
       archived_at BIGINT,
       notice_at BIGINT,
       notice_tries BIGINT NOT NULL DEFAULT 0
     )`,
    'CREATE INDEX queue_batches_list ON queue_batches (scope, created_at, id)',
    'CREATE INDEX queue_batches_open ON queue_batches (expires_at) WHERE ended_at IS NULL',
    'CREATE INDEX queue_batches_age ON queue_batches (created_at) WHERE archived_at IS NULL',
    'CREATE INDEX queue_batches_notice ON queue_batches (notice_at) WHERE notice_at IS NOT NULL',
    `CREATE TABLE queue_items (
       id TEXT PRIMARY KEY,
       batch_id TEXT NOT NULL,
       custom_id TEXT NOT NULL,
       scope TEXT NOT NULL,
       credential TEXT NOT NULL,
       model TEXT NOT NULL,
       priority BIGINT NOT NULL,
       state TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       ready_at BIGINT NOT NULL,
       attempts BIGINT NOT NULL DEFAULT 0,
       unsure BIGINT NOT NULL DEFAULT 0,
       fence BIGINT NOT NULL DEFAULT 0,
       owner TEXT,
       lease_until BIGINT,
       sent_at BIGINT,
       ended_at BIGINT,
       last_error TEXT,
       bytes BIGINT NOT NULL,
       request {blob},
       result {blob},
       UNIQUE (batch_id, custom_id)
     )`,
    'CREATE INDEX queue_items_batch ON queue_items (batch_id, state)',
    `CREATE INDEX queue_items_waiting ON queue_items (credential, model, scope, priority, created_at, id)
     WHERE state = 'waiting'`,
    "CREATE INDEX queue_items_expiry ON queue_items (expires_at) WHERE state IN ('waiting', 'quarantined')",
    "CREATE INDEX queue_items_leased ON queue_items (lease_until) WHERE state = 'running'",
    `CREATE INDEX queue_items_open ON queue_items (scope, bytes)
     WHERE state IN ('waiting', 'running', 'offloaded', 'quarantined')`,
  ],
};
