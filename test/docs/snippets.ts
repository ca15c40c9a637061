/** One fenced block of a page. */
export interface Snippet {
  /** The line of its first fence, counted from 1. */
  readonly line: number;
  /** What stands behind the fence: `ts`, `bash`, `yaml`… */
  readonly language: string;
  readonly code: string;
  /** From `<!-- not run: reason -->` right above it; null where it is to be run. */
  readonly notRun: string | null;
}

const fence =
  /^(?:<!-- not run: (?<notRun>\S.*?) -->\n+)?(?<ticks>`{3,})(?<language>\w*)[^\n]*\n(?<code>[\s\S]*?)^\k<ticks>$/gm;

/** The fenced blocks of a page of Markdown, in order; `text`, `json` and the like among them. */
export function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(fence)].map(({ index, groups = {}, ...match }) => {
    const { notRun = null, ticks = '', language = '', code = '' } = groups;
    const before = markdown.slice(0, index + match[0].indexOf(ticks));
    return { line: before.split('\n').length, language, code, notRun };
  });
}

/** What a line of a shell snippet may begin with: our own commands, and a few that do no harm. */
const allowedCommand =
  /^(?:[A-Z_]+=\S* )*(?:(?:npx )?ridethrough(?=\s|$)|npm run -s cli -- |(?:curl|cat|echo)(?=\s|$)|export [A-Z_]+=)/;

/**
 * The first command of a shell snippet that a test must not run; null where all of them may.
 * Continued lines are one line, the parts of a pipe are commands of their own; commands inside of
 * words are always refused, and so is an address off the machine.
 */
export function refusedCommand(code: string): string | null {
  const nested = /\$\(.*|`.*/.exec(code)?.[0];
  const foreign = /\bcurl\b/.test(code)
    ? /https?:\/\/(?!127\.0\.0\.1[:/]|localhost[:/])\S*/.exec(code)?.[0]
    : undefined;
  if (nested !== undefined || foreign !== undefined) return nested ?? foreign ?? null;
  const bare = code.replaceAll(/'[^']*'|"[^"]*"|(?:^|\s)#.*$/gm, (match) => (/^['"]/.test(match) ? '_' : '\n'));
  const commands = bare.replaceAll('\\\n', ' ').split(/\n|\||&&|;/);
  const trimmed = commands.map((command) => command.trim()).filter((command) => command !== '');
  return trimmed.find((command) => !allowedCommand.test(command)) ?? null;
}

/** Puts the addresses of this run in the place of the default ports that pages write. */
export function withAddresses(code: string, addresses: { gateway: string; simulator: string }): string {
  return code
    .replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost):4141\b/g, addresses.gateway)
    .replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost):4142\b/g, addresses.simulator);
}
