/** What a column or a parameter may hold. Instants are integers: milliseconds since the Unix epoch. No bytes at all come back as null on Node 22. */
export type SqlValue = string | number | null | Uint8Array;

/**
 * Values of many rows, in the form that costs least to keep and to hand to another thread. A row has
 * its numbers first, and then its texts.
 */
export interface RowPack {
  readonly count: number;
  /** Row after row; NaN is null. */
  readonly numbers: Float64Array;
  /** Row after row, with a line feed between two, which none may hold; NUL alone is null. */
  readonly texts: string;
}

/** One statement with its parameters, in the dialect that both back ends read (see `Store`). */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** For an `INSERT` without other values: the rows that `{rows}` stands for, behind `VALUES`. Nothing comes back. */
  readonly rows?: RowPack;
}

/** One row that came back, by column name. Integers come as numbers, whatever the back end calls them. */
export type Row = Readonly<Record<string, SqlValue>>;

/**
 * Where state lives that a crash may not lose: a SQL database with two back ends, which differ in
 * how they commit, not in what they mean. One suite of conformance tests runs on both.
 *
 * The SQL is written once, one statement a text. Parameters are `$1`, `$2`… (each may occur more
 * than once; `CAST($1 AS BIGINT)` where Postgres cannot guess the type); `rt_now()` is the time of
 * the database in milliseconds when the statement began, the one clock that all processes share.
 * `{skip_locked}` stands behind the `SELECT` of a claim, and is nothing where there is one writer at
 * a time; `{blob}` is the type of bytes, `{identity}` that of a numbered primary key. Integers are
 * `BIGINT`, below 2^53; truth comes back as 1 or 0; text holds no NUL. What is to be known of a
 * change is asked for with `RETURNING`.
 */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';
  /**
   * Runs the statements in order, as one transaction: all of them or none. Resolves after the
   * commit is on the disk, with the rows of each statement.
   * @throws StoreError; nothing of it has happened then, unless its code says `unsure`
   */
  write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>;
  /** Reads. Sees every write that was acknowledged before. @throws StoreError */
  read(statement: Statement): Promise<readonly Row[]>;
  /**
   * Says that there is news on a topic to whoever listens: here, and with Postgres in every other
   * process. A hint: it may get lost, or come without news, so whoever listens polls as well.
   */
  hint(topic: string): void;
  /** @returns stops listening */
  onHint(topic: string, listener: () => void): () => void;
  /**
   * Copies the database into a new file while it is in use. SQLite only.
   * @param path must not exist yet; readable by its owner alone afterwards
   * @throws StoreError `refused` on Postgres, and where the file exists
   */
  backup(path: string): Promise<void>;
  /** Ends what runs, and lets go of files and sockets. May be called twice. */
  close(): Promise<void>;
}

/**
 * Why the store did not do what it was asked.
 * `full`: no room on the disk; `busy`: locked or out of connections for too long; `gone`: not to be
 * reached; `unsure`: it broke while committing, so that it may have happened; `refused`: the
 * statement, or the state of the database, forbids it (a conflict of keys, a newer schema).
 */
export type StoreErrorCode = 'full' | 'busy' | 'gone' | 'unsure' | 'refused';

/** A failure of the store; the message is a sentence for people and holds no value of any row. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Runs one statement as a transaction of its own. @returns its rows @throws StoreError as `Store.write` does */
export async function writeOne(store: Store, statement: Statement): Promise<readonly Row[]> {
  const [rows = []] = await store.write([statement]);
  return rows;
}
