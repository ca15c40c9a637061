import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqliteFailure } from './sqlite-failure.ts';

const failed = (errcode: number) => Object.assign(new Error('disk I/O error'), { errcode });

test('no room for the file beside the log is a full disk, and no disk that fails', () => {
  assert.equal(sqliteFailure(failed(4874)).code, 'full');
  // SQLITE_IOERR_READ
  assert.equal(sqliteFailure(failed(266)).code, 'gone');
});
