/**
 * What a row tells of: a call with the one attempt that made it whole, a call and an attempt of any
 * other kind. The order is that of dropping: the first goes first.
 */
export const rowKinds = ['healthy_calls', 'attempts', 'calls', 'failed_attempts'] as const;
export type RowKind = (typeof rowKinds)[number];

/** Where rows of a kind go, and which values they have; a column that is not named is as it is by default. */
export interface Layout {
  readonly table: 'ledger_calls' | 'ledger_attempts';
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

const attempts: Layout = {
  table: 'ledger_attempts',
  numbers: [
    ...['n', 'at', 'first_byte_ms', 'total_ms', 'status', 'wait_ms', 'released', 'bytes_sent', 'bytes_received'],
    ...['input_tokens', 'cache_write_tokens', 'cache_read_tokens', 'output_tokens', 'estimated'],
  ],
  texts: [
    ...['call_id', 'reason', 'upstream', 'model', 'credential', 'request_id', 'body_request_id', 'result', 'class'],
    ...['type', 'code', 'action'],
  ],
};

/** The columns of each kind of row; `row.ts` fills them in this order. */
export const layouts: Readonly<Record<RowKind, Layout>> = {
  healthy_calls: {
    table: 'ledger_calls',
    numbers: [
      ...['at', 'total_ms', 'stream', 'client_retries', 'status', 'only_after_ms', 'only_first_byte_ms'],
      ...['only_total_ms', 'only_bytes_sent', 'only_bytes_received', 'only_input_tokens', 'only_cache_write_tokens'],
      ...['only_cache_read_tokens', 'only_output_tokens'],
    ],
    texts: [...['id', 'endpoint', 'model', 'priority', 'caller', 'client', 'request_id', 'route', 'only_credential']],
  },
  attempts,
  calls: {
    table: 'ledger_calls',
    numbers: ['at', 'total_ms', 'stream', 'client_retries', 'status', 'queued', 'attempts'],
    texts: [
      ...['id', 'endpoint', 'model', 'priority', 'caller', 'client', 'request_id', 'route', 'result'],
      ...['error_class', 'error_type', 'error_code', 'recovered'],
    ],
  },
  failed_attempts: attempts,
};
