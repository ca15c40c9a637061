import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Verdict } from '../../diagnosis/verdict.ts';
import type { StatusIncident } from '../../status/state.ts';
import type { Paint } from '../text.ts';
import { fit, wrap } from '../text.ts';
import type { RouteReport, StatusReport } from './report.ts';
import { summaryLine } from './summary.ts';
import { viewLines } from './view.ts';

const plain: Paint = (_format, text) => text;
const colourful: Paint = (format, text) => styleText(format, text, { validateStream: false });
const route = (name: string, extra: Partial<RouteReport> = {}): RouteReport => ({
  ...{ route: name, state: 'healthy', errorShare: 0.004, firstByteMs: 812, breaker: 'closed' },
  ...{ calls: 2, cooldownMs: 0, budgetTokens: 10 },
  ...extra,
});
const incident: StatusIncident = {
  ...{ id: 'a', kind: 'incident', name: 'Elevated errors on Claude Opus 5.5', status: 'identified', impact: 'major' },
  ...{ createdAtMs: Date.UTC(2026, 0, 1, 11, 40), updatedAtMs: 0, scheduledForMs: null, scheduledUntilMs: null },
  ...{ models: ['opus-5-5'], components: [], text: '', link: null },
};
const atMs = Date.UTC(2026, 0, 1, 12);
const verdict: Verdict = {
  ...{ fault: 'this model', subject: 'claude-opus-5-5', confidence: 0.92, sinceMs: atMs - 600_000 },
  ...{ evidence: [], shape: null, doing: 'Calls wait for it; one probe at a time goes out.' },
  summary:
    'claude-opus-5-5 fails for everybody: 84 % of its attempts were answered with errors, while other models are well.',
  advice: 'Wait, or name another model under "fallback".',
};
const bad: StatusReport = {
  ...{ version: '1.0.0', atMs, startedAtMs: atMs - 7_200_000, upstream: 'https://api.anthropic.com' },
  calls: { running: 14, waiting: 12 },
  verdict,
  routes: [
    route('anthropic/claude-opus-5-5', {
      state: 'down',
      errorShare: 0.84,
      firstByteMs: 412,
      breaker: 'open',
      calls: 12,
    }),
    route('anthropic/claude-sonnet-5-5'),
    route('anthropic/claude-haiku-5-5', { state: null, errorShare: null, firstByteMs: null, cooldownMs: 58_000 }),
  ],
  queue: { waiting: 12, running: 1, offloaded: 0, quarantined: 0, oldestAgeMs: 180_000 },
  page: {
    ...{ source: 'status.claude.com', api: 'partial outage', readAtMs: atMs - 12_000, problem: null },
    ...{ incidents: [incident], maintenances: [] },
  },
  alerts: [{ level: 'critical', title: 'anthropic/claude-opus-5-5 is down' }],
};
const calm: StatusReport = {
  ...bad,
  verdict: { ...verdict, fault: 'nothing is wrong' },
  routes: [],
  queue: null,
  page: null,
  alerts: [],
};
const options = { url: 'http://127.0.0.1:4141', rows: Number.POSITIVE_INFINITY, paint: plain };

test('at 80 columns everything that matters stands on the screen', () => {
  assert.deepEqual(
    viewLines(bad, { ...options, columns: 80 }).map((line) => line.replace(/\d\d:\d\d:\d\d/, 'hh:mm:ss')),
    [
      'ridethrough 1.0.0 on http://127.0.0.1:4141 → https://api.anthropic.com  hh:mm:ss',
      'Calls     14 running, 12 waiting for a route; up 2 h',
      'Verdict   this model (92 % sure, since hh:mm:ss)',
      '          claude-opus-5-5 fails for everybody: 84 % of its attempts were',
      '          answered with errors, while other models are well.',
      'Now       Calls wait for it; one probe at a time goes out.',
      'To do     Wait, or name another model under "fallback".',
      '',
      'ROUTE                         STATE       ERRORS  FIRST BYTE  BREAKER    CALLS',
      'anthropic/claude-opus-5-5     down        84 %    0.4 s       open       12',
      'anthropic/claude-sonnet-5-5   healthy     0.4 %   0.8 s       closed     2',
      'anthropic/claude-haiku-5-5    –           –       –           429 58 s   2',
      '',
      'Queue     12 waiting, 1 running, the oldest has waited 3 min',
      'Page      status.claude.com says of the API: partial outage (read 12 s ago)',
      '          identified for 20 min: Elevated errors on Claude Opus 5.5',
      'Alerts    anthropic/claude-opus-5-5 is down',
    ],
  );
});

test('no line is ever wider than the terminal, colours or not, and colours change nothing but colours', () => {
  for (const columns of [20, 40, 79, 80, 120, 200]) {
    const lines = viewLines(bad, { ...options, columns });
    for (const line of lines) assert.ok(line.length <= columns, `${columns}: "${line}"`);
    const painted = viewLines(bad, { ...options, columns, paint: colourful });
    assert.deepEqual(
      painted.map((line) => stripVTControlCharacters(line).trimEnd()),
      lines,
    );
  }
});

test('no more lines than there is room for, and routes in trouble are among them', () => {
  const routes = [...bad.routes, ...Array.from({ length: 90 }, (_, i) => route(`anthropic/model-${i}`))];
  const lines = viewLines({ ...bad, routes }, { ...options, columns: 80, rows: 24 });
  assert.ok(lines.length <= 24);
  const text = lines.join('\n');
  assert.match(text, /claude-opus-5/);
  assert.match(text, /and \d+ more routes/);
  assert.match(text, /Alerts/);
});

test('a gateway in calm weather says so', () => {
  const text = viewLines(calm, { ...options, columns: 80 }).join('\n');
  assert.match(text, /Verdict {3}nothing is wrong/);
  assert.match(text, /No call has been made yet/);
});

test('a verdict that is unclear is no alarm, and claims no certainty', () => {
  const unclear: StatusReport = { ...calm, verdict: { ...verdict, fault: 'unclear' } };
  const lines = viewLines(unclear, { ...options, columns: 80, paint: (format, text) => `<${format}>${text}</>` });
  assert.ok(lines.includes('<dim>Verdict   </><yellow>unclear</>'), lines.join('\n'));
});

test('nothing that a caller or a page can say reaches the terminal as a command', () => {
  const evil = '\x1b[2J\x1b]0;owned\x07\r\n\u202e\u2028';
  const hostile: StatusReport = {
    ...bad,
    upstream: evil,
    verdict: { ...verdict, summary: evil, doing: evil, advice: evil },
    routes: [route(evil)],
    page: {
      ...bad.page,
      source: evil,
      api: evil,
      readAtMs: 0,
      problem: evil,
      incidents: [{ ...incident, name: evil, status: evil }],
      maintenances: [],
    },
    alerts: [{ level: evil, title: evil }],
  };
  const text = [...viewLines(hostile, { ...options, columns: 100 }), summaryLine(hostile)].join('');
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\u2028]/u);
});

test('the line of a log changes with what matters, not with time and figures', () => {
  assert.equal(
    summaryLine(bad),
    'this model; anthropic/claude-opus-5-5 down; anthropic/claude-opus-5-5 breaker open; requests wait in the queue; incident identified: Elevated errors on Claude Opus 5.5',
  );
  const [first, ...others] = bad.routes;
  assert.ok(first);
  const later = { ...bad, atMs: atMs + 1, routes: [{ ...first, errorShare: 0.9, calls: 3 }, ...others] };
  assert.equal(summaryLine(later), summaryLine(bad));
  assert.equal(summaryLine(calm), 'nothing is wrong');
});

test('text is cut and broken to its width', () => {
  assert.equal(fit('abcdef', 4), 'abc…');
  assert.equal(fit('ab', 4), 'ab  ');
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('incomprehensibilities', 8), ['incompr…']);
});
