import type { Migration } from '../migrate.ts';

/** Answers that are kept under a caller's `ridethrough-key`. Names and prints are HMACs, replies are sealed. */
export const replies: Migration = {
  version: 3,
  name: 'replies',
  statements: [
    `CREATE TABLE replies (
       name TEXT PRIMARY KEY,
       print TEXT NOT NULL,
       state TEXT NOT NULL,
       owner TEXT NOT NULL,
       fence BIGINT NOT NULL,
       lease_until BIGINT NOT NULL,
       takeovers BIGINT NOT NULL,
       created_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       bytes BIGINT NOT NULL,
       reply {blob}
     )`,
    'CREATE INDEX replies_expiry ON replies (expires_at)',
    'CREATE INDEX replies_age ON replies (created_at)',
  ],
};
