import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ContentBlock } from '../../src/faults/index.ts';
import { answersBy, assertValid, finalText, mark, opening, openStorm } from './conversation.ts';

const claude = process.env.RIDETHROUGH_CLAUDE_CODE ?? 'claude';
const isThere = spawnSync(claude, ['--version']).status === 0;
const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const seed = Number(process.env.SEED ?? 1);
let calls = 0;

/** Claude Code's own tool: its output names the turn that follows. */
const bash = (city: string, turn: number): ContentBlock => ({
  type: 'tool_use',
  id: `toolu_01${++calls}`,
  name: 'Bash',
  input: { command: `echo "It rains in ${city} ${mark(turn)}."`, description: `Looks at ${city}` },
});

test('Claude Code comes to the end of a conversation with tools in a storm, by `ridethrough run`', {
  skip: isThere
    ? false
    : 'claude is not on the PATH: npm install -g @anthropic-ai/claude-code, or set RIDETHROUGH_CLAUDE_CODE',
}, async (context) => {
  const { simulator } = await openStorm(context, seed, answersBy(bash));
  const home = await mkdtemp(join(tmpdir(), 'claude-'));
  context.after(() => rm(home, { recursive: true, force: true }));
  const command = [claude, '-p', opening, '--model', 'claude-sonnet-5-5', '--allowedTools', 'Bash'];
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    ANTHROPIC_API_KEY: 'sk-ant-test',
    ANTHROPIC_BASE_URL: simulator.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  const options = { env, cwd: home, timeout: 120_000 };
  const run = promisify(execFile)(process.execPath, [cli, 'run', '--', ...command], options);
  run.child.stdin?.end();
  const { stdout } = await run;
  assert.equal(stdout.trim(), finalText);
  assertValid(simulator);
});
