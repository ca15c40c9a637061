import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProxy, proxyInUse } from './proxy.ts';

const api = new URL('https://api.anthropic.com');

test('no variable, no proxy', () => {
  assert.equal(checkProxy(api, {}).state, 'ok');
  assert.equal(proxyInUse(api, {}), null);
});

test('a proxy is named by its host, never by its password', () => {
  const env = { HTTPS_PROXY: 'http://me:hunter2@proxy.example:3128' };
  const check = checkProxy(api, env);
  assert.equal(check.state, 'ok');
  assert.match(check.finding, /through proxy\.example:3128/);
  assert.doesNotMatch(JSON.stringify(check), /hunter2/);
  assert.equal(proxyInUse(api, env)?.host, 'proxy.example:3128');
});

test('the proxy of the configuration goes before those of the environment, as it does in serve', () => {
  const env = { HTTPS_PROXY: 'http://other.example:1' };
  assert.equal(proxyInUse(api, env, 'http://proxy.example:3128')?.host, 'proxy.example:3128');
  assert.match(checkProxy(api, env, 'http://proxy.example:3128').finding, /"proxy".*through proxy\.example:3128/);
  assert.equal(proxyInUse(api, { NO_PROXY: '*' }, 'http://proxy.example:3128'), null);
});

test('what is no http address is a problem, and its value is not shown', () => {
  for (const value of ['proxy.example:3128', 'socks5://hunter2@proxy', '::']) {
    const check = checkProxy(api, { https_proxy: value });
    assert.equal(check.state, 'problem', value);
    assert.doesNotMatch(JSON.stringify(check), /hunter2/);
  }
});

test('ALL_PROXY alone is a problem because nothing here reads it', () => {
  assert.equal(checkProxy(api, { ALL_PROXY: 'http://proxy:1' }).state, 'problem');
});

test('NO_PROXY exempts names, what is below them, ports and everything', () => {
  const through = (noProxy: string, target = api) =>
    proxyInUse(target, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: noProxy }) !== null;
  for (const exempting of ['*', 'anthropic.com', '.anthropic.com', '*.anthropic.com', 'x.y, api.anthropic.com:443']) {
    assert.equal(through(exempting), false, exempting);
  }
  for (const other of ['', 'thropic.com', 'api.anthropic.com:8443', 'api.anthropic.com.evil']) {
    assert.equal(through(other), true, other);
  }
});
