import type { ClientBase } from 'pg';
import { postgresVersionMin, statementMs } from './bounds.ts';
import { StoreError } from './store.ts';

/**
 * `on` where the role or the database has been given `off`, under which the server acknowledges what
 * a crash may lose; a stricter setting such as `remote_apply` stays.
 */
const setUp = `SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
  set_config('statement_timeout', '${statementMs}', false),
  CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END`;

/** Prepares a new connection. @throws StoreError `refused` where the server cannot keep what it acknowledges */
export async function beginSession(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: number; fsync: string }>(setUp);
  const { version, fsync } = rows[0] ?? { version: 0, fsync: 'off' };
  if (version < postgresVersionMin) {
    throw new StoreError(
      'refused',
      `The server is Postgres ${Math.floor(version / 10_000)}: ${postgresVersionMin / 10_000} or newer is needed.`,
    );
  }
  if (fsync !== 'on') {
    throw new StoreError('refused', 'The server runs with fsync=off and loses data in a power cut: turn it on.');
  }
}
