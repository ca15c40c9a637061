import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RidethroughError } from '../core/errors.ts';
import { defaultLimits } from '../core/limits.ts';
import type { RidethroughOptions } from './options.ts';
import { settle } from './settings.ts';

test('without options everything is as in the limits', () => {
  const { limits, upstreams, fallback, proxy } = settle({}, {}, 'salt');
  assert.deepEqual(limits, defaultLimits);
  assert.deepEqual([upstreams.size, fallback.size, proxy], [0, 0, null]);
});

test('options are merged member by member over the defaults', () => {
  const { limits } = settle({ timeouts: { first_byte: 0.5 }, retry: { max: 0 } }, {}, 'salt');
  assert.deepEqual(limits.timeouts, { ...defaultLimits.timeouts, first_byte: 0.5 });
  assert.deepEqual(limits.retry, { ...defaultLimits.retry, max: 0 });
  assert.deepEqual(limits.breaker, defaultLimits.breaker);
});

test('an upstream has its key from the options or from the environment, in the header it wants', () => {
  const upstreams = {
    spare: { url: 'https://spare.example/claude/v1/', key: 'k1', models: { 'claude-opus-5-5': 'opus' } },
    cloud: { url: 'https://cloud.example', key_env: 'CLOUD_KEY', auth: 'bearer' as const },
    open: { url: 'http://127.0.0.1:1' },
  };
  const settings = settle({ upstreams }, { CLOUD_KEY: ' k2\n' }, 'salt');
  const [spare, cloud, open] = ['spare', 'cloud', 'open'].map((name) => settings.upstreams.get(name));
  assert.deepEqual([spare?.origin, spare?.basePath], ['https://spare.example', '/claude']);
  assert.equal(spare?.credential?.apiKey?.reveal(), 'k1');
  assert.equal(spare?.models.get('claude-opus-5-5'), 'opus');
  assert.equal(cloud?.credential?.apiKey, null);
  assert.equal(cloud?.credential?.bearer?.reveal(), 'k2');
  assert.equal(open?.credential, null);
});

test('a wrong option is refused with a sentence that names it', () => {
  const url = 'https://spare.example';
  const cases: [unknown, RegExp][] = [
    [{ timeout: {} }, /^"timeout" is no option; there are timeouts, retry,/],
    [{ timeouts: { first_bite: 1 } }, /^"timeouts\.first_bite" is no option; there are connect, first_byte,/],
    [{ timeouts: { idle: 0 } }, /^"timeouts\.idle" must be a number above 0\.$/],
    [{ timeouts: { idle: '75' } }, /^"timeouts\.idle" must be a number above 0\.$/],
    [{ timeouts: 75 }, /^"timeouts" must be an object\.$/],
    [{ retry: { max: -1 } }, /^"retry\.max" must be a number of at least 0\.$/],
    [{ retry: { base: 60 } }, /^"retry\.cap" must not be less than "retry\.base"\.$/],
    [{ breaker: { open: 60 } }, /^"breaker\.open_max" must not be less than "breaker\.open"\.$/],
    [{ budget: { ratio: Number.NaN } }, /^"budget\.ratio" must be a number of at least 0\.$/],
    [{ fallback: { a: 'b' } }, /^"fallback\.a" must be an array of one model or more\.$/],
    [{ fallback: { a: [] } }, /^"fallback\.a" must be an array of one model or more\.$/],
    [{ fallback: { a: ['b', 'a'] } }, /^"fallback\.a" names the model itself: name another, or remove it\.$/],
    [{ upstreams: { spare: {} } }, /^"upstreams\.spare\.url" must be an http or https URL/],
    [{ upstreams: { spare: { url, kee: 'x' } } }, /^"upstreams\.spare\.kee" is no option; there are url, key,/],
    [{ upstreams: { spare: { url, auth: 'basic' } } }, /^"upstreams\.spare\.auth" must be "x-api-key" or "bearer"\.$/],
    [{ upstreams: { spare: { url, key_env: 'NO_KEY' } } }, /environment variable NO_KEY, which is not set: set it/],
    [{ upstreams: { 'a/b': { url } } }, /^"upstreams\.a\/b": the name of an upstream must be without a slash\.$/],
    [{ proxy: 'socks5://127.0.0.1:1' }, /^"proxy" must be an http or https URL\.$/],
    [{ upstreams: { spare: { url, key: '' } } }, /^"upstreams\.spare\.key" must be text that is not empty\.$/],
    [{ upstreams: { spare: { url, models: 'opus' } } }, /^"upstreams\.spare\.models" must be an object\.$/],
    [
      { upstreams: { spare: { url, models: { a: 1 } } } },
      /^"upstreams\.spare\.models\.a" must be text that is not empty\.$/,
    ],
    [{ upstreams: null }, /^"upstreams" must be an object\.$/],
    [{ fallback: [['b']] }, /^"fallback" must be an object\.$/],
    [{ observer: () => {} }, /^"observer" must be an object\.$/],
    [{ observer: { call: 'log' } }, /^"observer\.call" must be a function\.$/],
    [null, /^The options must be an object\.$/],
    [[], /^The options must be an object\.$/],
  ];
  for (const [options, message] of cases) {
    assert.throws(
      () => settle(options as RidethroughOptions, {}, 'salt'),
      (error) => error instanceof RidethroughError && error.code === 'invalid_config' && message.test(error.message),
      String(message),
    );
  }
});
