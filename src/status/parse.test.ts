import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIncident, parseSummary } from './parse.ts';
import { concerns, type StatusIncident } from './state.ts';

const incident = {
  id: 'p31zjtct2jer',
  name: 'Elevated errors on Claude Opus 4.5',
  status: 'investigating',
  impact: 'major',
  created_at: '2026-08-09T10:00:00.000Z',
  updated_at: '2026-08-09T10:20:00.000Z',
  shortlink: 'https://stspg.io/x',
  incident_updates: [
    {
      id: 'b',
      status: 'identified',
      body: 'A fix is\nbeing\u001b[2J rolled out. Sonnet 4.5 too.',
      created_at: '2026-08-09T10:20:00.000Z',
    },
    { id: 'a', status: 'investigating', body: 'We are looking.', created_at: '2026-08-09T10:00:00.000Z' },
  ],
  components: [{ id: 'k8w3r06qmzrp', name: 'Claude API (api.anthropic.com)', status: 'partial_outage' }],
};
const summary = {
  page: { id: 'tymt9n04zgry' },
  components: [
    { id: 'k8w3r06qmzrp', name: 'Claude API (api.anthropic.com)', status: 'partial_outage' },
    { broken: true },
  ],
  incidents: [incident, { ...incident, id: 'over', status: 'resolved' }, 7, { id: 'nameless' }],
  scheduled_maintenances: [
    {
      ...incident,
      id: 'm',
      status: 'scheduled',
      scheduled_for: '2026-08-10T10:00:00Z',
      scheduled_until: '2026-08-10T11:00:00Z',
    },
  ],
  status: { indicator: 'major', description: 'Partial System Outage' },
};

test('an incident is read with its times, models, components and newest text on one line', () => {
  assert.deepEqual(parseIncident(incident, 'incident'), {
    id: 'p31zjtct2jer',
    kind: 'incident',
    name: 'Elevated errors on Claude Opus 4.5',
    status: 'investigating',
    impact: 'major',
    createdAtMs: Date.parse('2026-08-09T10:00:00Z'),
    updatedAtMs: Date.parse('2026-08-09T10:20:00Z'),
    scheduledForMs: null,
    scheduledUntilMs: null,
    models: ['opus-4-5'],
    components: ['Claude API (api.anthropic.com)'],
    text: 'A fix is being [2J rolled out. Sonnet 4.5 too.',
    link: 'https://stspg.io/x',
  });
});

test('models are looked for in the texts where the title names none', () => {
  assert.deepEqual(parseIncident({ ...incident, name: 'Elevated errors' }, 'incident')?.models, ['sonnet-4-5']);
});

test('a summary keeps what can be read and is not over, maintenances with their times', () => {
  const page = parseSummary(summary);
  assert.equal(page?.indicator, 'major');
  assert.deepEqual(
    page?.components.map(({ status }) => status),
    ['partial_outage'],
  );
  assert.deepEqual(
    page?.incidents.map(({ id, kind }) => [id, kind]),
    [
      ['p31zjtct2jer', 'incident'],
      ['m', 'maintenance'],
    ],
  );
  assert.equal(page?.incidents[1]?.scheduledForMs, Date.parse('2026-08-10T10:00:00Z'));
});

test('JSON that is no summary is none, whatever it is', () => {
  for (const value of [null, [], 'text', {}, { page: {}, status: {} }, { ...summary, components: {} }]) {
    assert.equal(parseSummary(value), null);
  }
});

test('nothing that a page can say makes reading it fail', () => {
  const wild = fc.oneof(fc.anything(), fc.constant(incident));
  const page = fc.record({
    page: fc.object(),
    status: fc.object(),
    components: fc.array(wild),
    incidents: fc.array(wild),
  });
  fc.assert(
    fc.property(page, (value) => parseSummary(value) !== null),
    { numRuns: 200, seed: 5 },
  );
});

test('a link is kept only if a person could open it', () => {
  for (const shortlink of [
    'javascript:alert(1)',
    'https://a b',
    'https://x/\u001b[2J',
    'https://x/\u009b',
    `https://x/${'y'.repeat(600)}`,
    7,
  ]) {
    assert.equal(parseIncident({ ...incident, shortlink }, 'incident')?.link, null);
  }
});

test('an incident concerns the models that it names, and all where it names none', () => {
  const about = (models: string[], components: string[] = []): StatusIncident => {
    const read = parseIncident(incident, 'incident');
    assert.ok(read);
    return { ...read, models, components };
  };
  assert.ok(concerns(about(['opus-4-5']), 'claude-opus-4-5-20251101'));
  assert.ok(concerns(about(['opus']), 'claude-opus-5-5'));
  assert.ok(concerns(about([]), 'claude-haiku-5-5'));
  assert.ok(!concerns(about(['opus-4']), 'claude-opus-5'));
  assert.ok(!concerns(about(['opus-5-5']), 'claude-opus-5'));
  assert.ok(!concerns(about(['sonnet']), 'claude-opus-5'));
  assert.ok(!concerns(about([], ['claude.ai']), 'claude-opus-5'));
  assert.ok(concerns(about([], ['claude.ai', 'Claude API (api.anthropic.com)']), 'claude-opus-5'));
});
