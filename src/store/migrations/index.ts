import type { Migration } from '../migrate.ts';
import { ledger } from './0001-ledger.ts';
import { queue } from './0002-queue.ts';
import { replies } from './0003-replies.ts';
import { offload } from './0004-offload.ts';

/**
 * Every step of the schema, oldest first. A step that has been released is never edited: what it
 * made may stand on disks already. Add a file `NNNN-name.ts`, and its line here.
 */
export const migrations: readonly Migration[] = [ledger, queue, replies, offload];
