import type { StoreErrorCode } from './store.ts';

/** A `StoreError` as it crosses threads. */
export interface StoreFailure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** SQLite's primary result codes, as far as they mean something of their own to us. */
const primary = { busy: 5, locked: 6, readOnly: 8, io: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 };

/** `SQLITE_IOERR_SHMSIZE`: there was no room for the file beside the log, which is a full disk and no broken one. */
const sharedMemorySize = 4874;

/**
 * What an error of `node:sqlite` means. Its texts name tables and columns, never a value.
 * @param committing true: the commit itself failed
 */
export function sqliteFailure(error: unknown, committing = false): StoreFailure {
  const text = error instanceof Error ? error.message : String(error);
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  switch (errcode === sharedMemorySize ? primary.full : errcode & 0xff) {
    case primary.full:
      return { code: 'full', message: 'The disk of the database is full: make room, and the store goes on by itself.' };
    case primary.busy:
    case primary.locked:
      return { code: 'busy', message: 'Another process has kept the database locked for too long: try again.' };
    case primary.io:
      // An fsync that failed says nothing about what stands on the disk.
      return {
        code: committing ? 'unsure' : 'gone',
        message: `The disk of the database fails (${text}, ${errcode}): look into the system's log.`,
      };
    case primary.readOnly:
    case primary.cantOpen:
      return { code: 'gone', message: `The database file cannot be used (${text}): check its folder and permissions.` };
    case primary.corrupt:
    case primary.notADatabase:
      return { code: 'gone', message: `The database file is damaged or no database (${text}): restore a backup.` };
    default:
      return { code: 'refused', message: `The database refused a statement: ${text}.` };
  }
}
