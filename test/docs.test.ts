import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { parseConfig } from '../src/config/load.ts';
import { type Simulator, startSimulator } from '../src/faults/index.ts';
import { closeWorkshop, findPython, openWorkshop, runSnippet } from './docs/run-snippet.ts';
import { refusedCommand, type Snippet, snippetsOf, withAddresses } from './docs/snippets.ts';
import { emptyHome, type Started, startCli } from './e2e/cli-process.ts';
import { root } from './source-files.ts';

// Every ts, js, python, bash and yaml block of the README and of docs/ is tried, unless
// `<!-- not run: reason -->` stands above it: code is run against a simulator with a gateway before
// it, and YAML is read as a configuration.

let simulator: Simulator;
let gateway: Started;

before(async () => {
  openWorkshop();
  simulator = await startSimulator();
  gateway = await startCli(['serve', '--port', '0', '--upstream', simulator.url]);
});

after(async () => {
  gateway?.kill('SIGTERM');
  await gateway?.finished;
  await simulator?.close();
  closeWorkshop();
});

async function tryCode(snippet: Snippet, name: string): Promise<void> {
  if (snippet.language === 'bash') {
    const refused = refusedCommand(snippet.code);
    assert.equal(refused, null, 'a test does not run this command; mark the snippet `<!-- not run: reason -->`');
  }
  const code = withAddresses(snippet.code, { gateway: gateway.url, simulator: simulator.url });
  const { status, output } = await runSnippet({ ...snippet, code }, name, {
    ANTHROPIC_BASE_URL: gateway.url,
    ANTHROPIC_API_KEY: 'sk-ant-example',
    // What the gateway has kept, for commands that look at it.
    XDG_DATA_HOME: emptyHome,
  });
  assert.equal(status, 0, `it ended with status ${status}:\n${output}`);
}

/** Environment variables that a configuration names are set to something. */
function tryYaml({ code }: Snippet): void {
  const named = code.matchAll(/\b(?<key>\w*)env: (?<name>\w+)/g);
  const values = [...named].map(({ groups: { key = '', name = '' } = {} }) => {
    return [name, key === 'url_' ? 'https://hooks.example.com/x' : `value-of-${name.toLowerCase()}-0123456789`];
  });
  const env = Object.fromEntries(values);
  parseConfig(code, 'the snippet', { upstream: null, env });
}

const python = findPython();
const pages = globSync(['README.md', 'docs/*.md'], { cwd: root }).sort();
for (const page of pages) {
  for (const snippet of snippetsOf(readFileSync(`${root}${page}`, 'utf8'))) {
    const { language, line, notRun } = snippet;
    if (!['ts', 'js', 'python', 'bash', 'yaml'].includes(language)) continue;
    const withoutPython =
      language === 'python' && python === null && 'Python or its anthropic package is not installed';
    test(`${page}:${line} (${language})`, { skip: notRun ?? withoutPython }, async () => {
      if (language === 'yaml') tryYaml(snippet);
      else await tryCode(snippet, `${page.replaceAll(/\W/g, '-')}-${line}`);
    });
  }
}
