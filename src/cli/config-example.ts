/** What an example needs of a JSON Schema. */
export interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** Keys whose default is empty are shown with a made-up value instead. */
const examples: Readonly<Record<string, readonly string[]>> = {
  fallback: ['fallback:', '  claude-opus-5-5: [claude-sonnet-5-5]'],
  upstreams: ['upstreams:', '  backup:', '    url: https://claude.example.com', '    key_env: BACKUP_API_KEY'],
  tokens: ['tokens:', '  team:', '    env: RIDETHROUGH_TEAM_TOKEN'],
  hosts: ['hosts: [gateway.example.com]'],
  origins: ['origins: [https://app.example.com]'],
  status: ['status:', '  page: auto', '  interval: 60', '  webhook_secret_env: STATUSPAGE_WEBHOOK_SECRET'],
  webhook: ['webhook:', '  url_env: QUEUE_WEBHOOK_URL', '  secret_env: QUEUE_WEBHOOK_SECRET'],
  alerts: ['alerts:', '  slack:', '    url_env: SLACK_WEBHOOK_URL'],
  proxy: ['proxy: http://proxy.example.com:3128'],
};

/** Members that have no default, likewise. */
const memberExamples: Readonly<Record<string, number>> = { 'queue.offload_after': 3600 };

const headline = [
  '# Ridethrough reads this file at start, on SIGHUP and when it changes.',
  '# Every key is optional. What is commented out is the default, or an example where the default is',
  '# empty; to set a key, delete the # in front of it. Keys of APIs never stand here: name the',
  '# environment variable that holds them.',
];

function keyLines(name: string, node: SchemaNode): string[] {
  const example = examples[name];
  if (example !== undefined) return [...example];
  if (node.properties === undefined) return [`${name}: ${JSON.stringify(node.default)}`];
  const members = Object.entries(node.properties).map(([member, { default: value, description }]) => {
    return `  ${member}: ${JSON.stringify(value ?? memberExamples[`${name}.${member}`])} # ${description ?? ''}`.trimEnd();
  });
  return [`${name}:`, ...members];
}

/**
 * A configuration file in which every key stands with its meaning and its default, commented out.
 * Generated from the schema, so that it cannot fall behind it.
 * Prose begins with `# `, a key with `#` and no space, its members with `#` and two.
 */
export function exampleConfig(schema: SchemaNode): string {
  const sections = Object.entries(schema.properties ?? {}).map(([name, node]) => {
    const lines = keyLines(name, node).map((line) => `#${line}`);
    return [`# ${node.description ?? ''}`.trimEnd(), ...lines].join('\n');
  });
  return `${[headline.join('\n'), ...sections].join('\n\n')}\n`;
}
