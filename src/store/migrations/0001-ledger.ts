import type { Migration } from '../migrate.ts';

/**
 * What became of calls and attempts, in numbers and short words: no key, prompt or answer. Rows are
 * numbered as they are written, so how many there are is known without counting. Times are
 * milliseconds; `at` is when the call came, or the attempt began.
 *
 * A call that its first attempt made whole is one row: what it was is what most calls are, and so the
 * default, and the columns `only_…` tell of the attempt. Every other call has a row for each attempt.
 */
export const ledger: Migration = {
  version: 1,
  name: 'ledger',
  statements: [
    `CREATE TABLE ledger_calls (
       seq {identity},
       id TEXT NOT NULL UNIQUE,
       at BIGINT NOT NULL,
       total_ms BIGINT NOT NULL,
       endpoint TEXT NOT NULL,
       model TEXT,
       stream BIGINT NOT NULL,
       priority TEXT NOT NULL,
       caller TEXT NOT NULL,
       client TEXT,
       client_retries BIGINT,
       result TEXT NOT NULL DEFAULT 'whole',
       status BIGINT,
       request_id TEXT,
       error_class TEXT,
       error_type TEXT,
       error_code TEXT,
       queued BIGINT NOT NULL DEFAULT 0,
       attempts BIGINT NOT NULL DEFAULT 1,
       recovered TEXT NOT NULL DEFAULT '',
       route TEXT NOT NULL,
       only_after_ms BIGINT,
       only_credential TEXT,
       only_first_byte_ms BIGINT,
       only_total_ms BIGINT,
       only_bytes_sent BIGINT,
       only_bytes_received BIGINT,
       only_input_tokens BIGINT,
       only_cache_write_tokens BIGINT,
       only_cache_read_tokens BIGINT,
       only_output_tokens BIGINT
     )`,
    'CREATE INDEX ledger_calls_at ON ledger_calls (at, seq)',
    'CREATE INDEX ledger_calls_request ON ledger_calls (request_id) WHERE request_id IS NOT NULL',
    `CREATE TABLE ledger_attempts (
       seq {identity},
       call_id TEXT NOT NULL,
       n BIGINT NOT NULL,
       at BIGINT NOT NULL,
       reason TEXT NOT NULL,
       upstream TEXT NOT NULL,
       model TEXT,
       credential TEXT NOT NULL,
       first_byte_ms BIGINT,
       total_ms BIGINT NOT NULL,
       status BIGINT,
       request_id TEXT,
       body_request_id TEXT,
       result TEXT NOT NULL,
       class TEXT,
       type TEXT,
       code TEXT,
       action TEXT,
       wait_ms BIGINT,
       released BIGINT NOT NULL,
       bytes_sent BIGINT,
       bytes_received BIGINT NOT NULL,
       input_tokens BIGINT,
       cache_write_tokens BIGINT,
       cache_read_tokens BIGINT,
       output_tokens BIGINT,
       estimated BIGINT NOT NULL,
       UNIQUE (call_id, n)
     )`,
    'CREATE INDEX ledger_attempts_at ON ledger_attempts (at, seq)',
    'CREATE INDEX ledger_attempts_request ON ledger_attempts (request_id) WHERE request_id IS NOT NULL',
    'CREATE INDEX ledger_attempts_body_request ON ledger_attempts (body_request_id) WHERE body_request_id IS NOT NULL',
    'CREATE INDEX ledger_attempts_class ON ledger_attempts (class, at) WHERE class IS NOT NULL',
    // How much is missing, where more came than could be written.
    `CREATE TABLE ledger_drops (
       seq {identity},
       at BIGINT NOT NULL,
       healthy_calls BIGINT NOT NULL,
       calls BIGINT NOT NULL,
       attempts BIGINT NOT NULL,
       failed_attempts BIGINT NOT NULL
     )`,
  ],
};
