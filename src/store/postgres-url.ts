import { RidethroughError } from '../core/errors.ts';

/**
 * Host, port and name of the database, without user and password: what may be shown.
 * @throws RidethroughError `invalid_usage` for anything but a Postgres URL
 */
export function placeOf(database: string): string {
  const url = URL.canParse(database) ? new URL(database) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new RidethroughError(
      'invalid_usage',
      'The database must be a URL like postgres://user:password@host:5432/name, with special characters of the password percent-encoded; leave it out for a SQLite file in the data folder.',
    );
  }
  const host = url.host || url.searchParams.get('host') || 'localhost';
  return `${host}${url.pathname}`;
}
