import type { Migration } from '../migrate.ts';

/** Groups of queued items that are with the upstream's batches. `src/batches/` says what the states mean. */
export const offload: Migration = {
  version: 4,
  name: 'offload',
  statements: [
    'ALTER TABLE queue_items ADD COLUMN offload_id TEXT',
    // How often an item was offloaded: what has come back is asked for live.
    'ALTER TABLE queue_items ADD COLUMN offloads BIGINT NOT NULL DEFAULT 0',
    "CREATE INDEX queue_items_offloaded ON queue_items (offload_id) WHERE state = 'offloaded'",
    `CREATE TABLE queue_offloads (
       id TEXT PRIMARY KEY,
       scope TEXT NOT NULL,
       credential TEXT NOT NULL,
       state TEXT NOT NULL,
       items BIGINT NOT NULL,
       created_at BIGINT NOT NULL,
       sent_at BIGINT,
       batch_id TEXT,
       ready_at BIGINT NOT NULL,
       owner TEXT,
       fence BIGINT NOT NULL DEFAULT 0,
       lease_until BIGINT
     )`,
    'CREATE INDEX queue_offloads_ready ON queue_offloads (ready_at)',
  ],
};
