import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RidethroughError, type RidethroughErrorCode } from '../core/errors.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Config, Environment } from './config.ts';
import { defaultConfigPath, loadConfig, parseConfig } from './load.ts';

const parse = (text: string, env: Environment = {}, upstream: string | null = null): Config =>
  parseConfig(text, 'r.yaml', { env, upstream });

function refusal(run: () => unknown, code: RidethroughErrorCode = 'invalid_config'): string {
  let message = '';
  assert.throws(run, (error) => {
    assert.ok(error instanceof RidethroughError);
    assert.equal(error.code, code);
    message = error.message;
    return true;
  });
  return message;
}

test('no file at all is a good configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-'));
  const config = loadConfig({
    path: null,
    upstream: null,
    env: { XDG_CONFIG_HOME: folder, HOME: folder },
  });
  rmSync(folder, { recursive: true });
  assert.deepEqual(config.limits, defaultLimits);
  assert.equal(config.upstream.name, 'anthropic');
  assert.equal(config.upstream.url, 'https://api.anthropic.com');
  assert.equal(config.upstream.key, null);
  assert.equal(config.collect, 'auto');
  assert.deepEqual(config.tokens, []);
  assert.equal(config.proxy, null);
});

test('an empty file and a file of comments equal no file', () => {
  assert.deepEqual(parse('# nothing\n').limits, defaultLimits);
  assert.deepEqual(parse('').limits, defaultLimits);
});

test('one member of a group leaves the defaults of the others', () => {
  const config = parse('timeouts: {hold: 3.5}\nretry:\n  max: 2\n');
  assert.deepEqual(config.limits.timeouts, {
    ...defaultLimits.timeouts,
    hold: 3.5,
  });
  assert.deepEqual(config.limits.retry, { ...defaultLimits.retry, max: 2 });
});

test('upstreams get their key by the name of a variable', () => {
  const text = `
upstreams:
  relay: {url: "https://relay.example.com/anthropic/v1/", key_env: RELAY_KEY, auth: bearer, models: {claude-opus-5-5: opus}}
fallback:
  claude-opus-5-5: [claude-sonnet-5-5, relay/claude-opus-5-5]
`;
  const config = parse(text, { RELAY_KEY: 'value-of-relay' });
  const relay = config.upstreams.get('relay');
  assert.equal(relay?.url, 'https://relay.example.com/anthropic');
  assert.equal(relay?.key?.reveal(), 'value-of-relay');
  assert.equal(relay?.auth, 'bearer');
  assert.equal(relay?.models.get('claude-opus-5-5'), 'opus');
  assert.deepEqual(config.fallback.get('claude-opus-5-5'), ['claude-sonnet-5-5', 'relay/claude-opus-5-5']);
  assert.equal(config.fallback.get('constructor'), undefined);
  assert.deepEqual([...config.upstreams.keys()].sort(), ['anthropic', 'relay']);
  assert.ok(!JSON.stringify([...config.upstreams]).includes('value-of-relay'));
});

test('the default upstream is a name or a URL, and the command line wins', () => {
  const text =
    'upstream: a\nupstreams: {a: {url: "http://127.0.0.1:1"}, b: {url: "http://127.0.0.1:2/x", key_env: K}}\n';
  assert.equal(parse(text, { K: 'v' }).upstream.name, 'a');
  assert.equal(parse(text, { K: 'v' }, 'b').upstream.name, 'b');
  assert.equal(parse(text, { K: 'v' }, 'http://127.0.0.1:2/x/').upstream.key?.reveal(), 'v');
  assert.deepEqual(parse(text, { K: 'v' }, 'http://127.0.0.1:3').upstream, {
    name: '127.0.0.1:3',
    url: 'http://127.0.0.1:3',
    kind: 'anthropic',
    key: null,
    keyEnv: null,
    auth: 'x-api-key',
    models: new Map(),
  });
  assert.match(
    refusal(() => parse(text, { K: 'v' }, 'c'), 'invalid_usage'),
    /^--upstream must be a URL or the name .* a, b, anthropic\.$/,
  );
});

test('an address was called "default", which a verdict\'s readers took for the API of the product', () => {
  for (const [url, name] of [
    ['http://127.0.0.1:8080/v1', '127.0.0.1:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['https://Relay.example.com/a/b', 'relay.example.com'],
    ['https://api.anthropic.com', 'anthropic'],
  ] as const) {
    assert.equal(parse('', {}, url).upstream.name, name);
    assert.equal(parse(`upstream: ${url}`, {}).upstream.name, name);
  }
});

test('a wrong upstream from outside is blamed on the flag or the variable, not on a file', () => {
  const from = (value: string) =>
    parseConfig('', 'none.yaml', { env: {}, upstream: value, upstreamFrom: 'ANTHROPIC_BASE_URL' });
  assert.match(
    refusal(() => from('ftp://x'), 'invalid_usage'),
    /^ANTHROPIC_BASE_URL must be an http or https URL\.$/,
  );
  assert.match(
    refusal(() => parse('', {}, 'http://x?y'), 'invalid_usage'),
    /^--upstream must be without a query/,
  );
});

test('a configured upstream named anthropic is the default one', () => {
  const config = parse('upstreams: {anthropic: {url: "https://api.anthropic.com", key_env: K}}', { K: 'v' });
  assert.equal(config.upstream.key?.reveal(), 'v');
});

const refusals: readonly [name: string, text: string, message: RegExp][] = [
  ['unknown key', 'timeout: {}', /^r\.yaml: "timeout" is not a known key: did you mean "timeouts"\?$/],
  [
    'unknown nested key',
    'timeouts: {hodl: 3}',
    /"timeouts\.hodl" is not a known key: did you mean "timeouts\.hold"\?$/,
  ],
  [
    'unknown key of an upstream',
    'upstreams: {a: {url: "http://x", keyenv: K}}',
    /did you mean "upstreams\.a\.key_env"\?/,
  ],
  ['unknown key unlike any', 'budget: {zzzzzzzz: 1}', /"budget\.zzzzzzzz" .*: known here are ratio, floor\.$/],
  ['two unknown keys', 'colect: off\nhots: []', /"colect" .*"collect"\? "hots" .*"hosts"\?$/],
  ['text for a number', 'retry: {max: many}', /"retry\.max" must be a number, but it is text\.$/],
  ['a fraction for a count', 'retry: {max: 1.5}', /"retry\.max" must be a whole number, but it is 1\.5\.$/],
  ['a negative time', 'timeouts: {idle: -1}', /"timeouts\.idle" must be more than 0, but it is -1\.$/],
  ['an endless time', 'timeouts: {idle: .inf}', /"timeouts\.idle" must be a number, but it is Infinity\.$/],
  ['a time beyond a day', 'timeouts: {idle: 100000}', /"timeouts\.idle" must be at most 86400, but it is 100000\.$/],
  ['a list for a group', 'retry: [1]', /"retry" must be a mapping of keys to values, but it is a list\.$/],
  ['an empty group', 'retry:\n', /"retry" must be a mapping of keys to values, but it is empty\.$/],
  ['a list for the file', '- a', /The file must hold a mapping of keys to values, but it holds a list\.$/],
  ['another word', 'collect: sometimes', /"collect" must be one of "auto", "always", "off", but it is text\.$/],
  ['a missing url', 'upstreams: {a: {}}', /"upstreams\.a\.url" is missing: text is expected\.$/],
  ['a url that is none', 'upstreams: {a: {url: "ftp://x"}}', /"upstreams\.a\.url" must be an http or https URL\.$/],
  [
    'a url with a password',
    'upstreams: {a: {url: "http://u:p@x"}}',
    /"upstreams\.a\.url" holds a user name or password/,
  ],
  ['a proxy with a password', 'proxy: http://u:hushhush@x', /"proxy" holds a user name or password: set HTTPS_PROXY/],
  [
    'a name with a slash',
    'upstreams: {"a/b": {url: "http://x"}}',
    /"upstreams\.a\/b" is no possible name here: it must be/,
  ],
  [
    'a key where its variable is asked',
    'upstreams: {a: {url: "http://x", key_env: "sec-ret"}}',
    /"upstreams\.a\.key_env" must be the name of/,
  ],
  [
    'an unset variable',
    'upstreams: {a: {url: "http://x", key_env: NOPE}}',
    /"upstreams\.a\.key_env" names the environment variable NOPE, which is not set/,
  ],
  [
    'a secret that could be the name of a variable',
    'tokens: {t: {env: hushhush1234}}',
    /"tokens\.t\.env" names a variable that is not set/,
  ],
  ['a secret that could not', 'tokens: {t: {env: "sec-ret"}}', /"tokens\.t\.env" must be the name of/],
  ['a fallback to nothing', 'fallback: {a: []}', /"fallback\.a" must be a list of 1 or more, but it is an empty list/],
  ['no address', 'status: {urls: []}', /"status\.urls" must be a list of 1 or more, but it is an empty list/],
  ['a fallback to itself', 'fallback: {a: [b, a]}', /"fallback\.a\.1" is the model itself/],
  ['a fallback to itself by its upstream', 'fallback: {a: [anthropic/a]}', /"fallback\.a\.0" is the model itself/],
  [
    'a fallback to a misspelt upstream',
    'upstreams: {relay: {url: "http://x"}}\nfallback: {a: [realy/b]}',
    /"fallback\.a\.0" begins with the name of no upstream: did you mean "relay\/…"\?$/,
  ],
  ['an unset token', 'tokens: {t: {env: NOPE}}', /"tokens\.t\.env" names the environment variable NOPE/],
  ['an origin with a path', 'origins: ["https://a/b"]', /"origins\.0" must be an origin such as/],
  ['a cap under the base', 'retry: {base: 5, cap: 2}', /"retry\.cap" must not be less than retry\.base\.$/],
  ['broken YAML', 'retry:\n  max: [1\n', /^r\.yaml: This is not YAML at line \d, column \d+: .*\.$/],
  ['a repeated key', 'collect: off\ncollect: off', /This is not YAML at line 2, column 1: Map keys must be unique\.$/],
];

for (const [name, text, message] of refusals) {
  test(`refused in one sentence: ${name}`, () => {
    const said = refusal(() => parse(text));
    assert.match(said, message);
    assert.ok(!/hushhush|sec-ret|u:p/.test(said), 'values are not quoted');
    assert.ok(!said.includes('\n'));
  });
}

test('what looks like a key is refused where it stands, and not repeated', () => {
  const said = refusal(() => parse('upstreams:\n  a: {url: "http://x", key_env: sk-ant-api03-abcdefgh}\n'));
  assert.match(said, /looks like a key at line 2, column 33: .*"key_env"/);
  assert.ok(!said.includes('abcdefgh'));
});

test('aliases that multiply are refused', () => {
  const lines = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
  for (let i = 0; i < 9; i++) {
    const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
    lines.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`);
  }
  assert.match(
    refusal(() => parse(lines.join('\n'))),
    /cannot be read/,
  );
});

test('tokens are read from their variables and kept as digests', () => {
  const env = {
    A: 'alpha-alpha-alpha',
    RIDETHROUGH_TOKEN: 'implicit-implicit',
    RIDETHROUGH_ADMIN_TOKEN: 'boss-boss-boss-boss',
  };
  const { tokens } = parse('tokens: {team: {env: A}}', env);
  assert.deepEqual(
    tokens.map(({ name, admin }) => [name, admin]),
    [
      ['team', false],
      ['RIDETHROUGH_TOKEN', false],
      ['RIDETHROUGH_ADMIN_TOKEN', true],
    ],
  );
  assert.ok(tokens.every((token) => token.digest.length === 32));
  assert.ok(!JSON.stringify(tokens).includes('alpha'));
});

test('one value cannot be a data token and an admin token', () => {
  const env = { RIDETHROUGH_TOKEN: 'the-same-token-twice', RIDETHROUGH_ADMIN_TOKEN: 'the-same-token-twice' };
  assert.match(
    refusal(() => parse('', env)),
    /have the same value/,
  );
});

test('a token that could be guessed is refused, and not shown', () => {
  const said = refusal(() => parse('', { RIDETHROUGH_TOKEN: 'fifteen-letters' }));
  assert.match(said, /"RIDETHROUGH_TOKEN" is shorter than 16 characters/);
  assert.ok(!said.includes('fifteen'));
  assert.equal(parse('', { RIDETHROUGH_TOKEN: 'sixteen-letters!' }).tokens.length, 1);
});

test('what is wrong in the environment is not told of a file that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-'));
  const env = { XDG_CONFIG_HOME: folder, HOME: folder, RIDETHROUGH_TOKEN: 'fifteen-letters' };
  const said = refusal(() => loadConfig({ path: null, upstream: null, env }));
  rmSync(folder, { recursive: true });
  assert.match(said, /^The token "RIDETHROUGH_TOKEN" is shorter/);
});

test('a vendor in the name of a model is no misspelt upstream', () => {
  const text = 'upstreams: {relay: {url: "http://x"}}\nfallback: {a: [meta/llama, relay/a]}';
  assert.deepEqual(parse(text).fallback.get('a'), ['meta/llama', 'relay/a']);
});

test('a named file that is not there, or is a folder, is said to be unreadable', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-'));
  const load = (path: string) => loadConfig({ path, upstream: null, env: {} });
  assert.match(
    refusal(() => load(join(folder, 'none.yaml')), 'unreadable_file'),
    /none\.yaml cannot be read \(ENOENT\)/,
  );
  assert.match(
    refusal(() => load(folder), 'unreadable_file'),
    /EISDIR/,
  );
  rmSync(folder, { recursive: true });
});

test('the file of the user folder is found, the one of the current folder is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-'));
  const env = { XDG_CONFIG_HOME: folder };
  mkdirSync(join(folder, 'ridethrough'));
  writeFileSync(join(folder, 'ridethrough', 'ridethrough.yaml'), 'retry: {max: 1}');
  assert.equal(loadConfig({ path: null, upstream: null, env }).limits.retry.max, 1);
  rmSync(folder, { recursive: true });
  assert.equal(defaultConfigPath({ HOME: '/home/a' }, 'linux'), '/home/a/.config/ridethrough/ridethrough.yaml');
  assert.equal(defaultConfigPath({ HOME: '/Users/a' }, 'darwin'), '/Users/a/.config/ridethrough/ridethrough.yaml');
  assert.equal(
    defaultConfigPath({ HOME: '/home/a', XDG_CONFIG_HOME: 'repository' }, 'linux'),
    '/home/a/.config/ridethrough/ridethrough.yaml',
  );
  assert.match(defaultConfigPath({ APPDATA: 'C:\\R' }, 'win32'), /^C:\\R.ridethrough.ridethrough\.yaml$/);
});
