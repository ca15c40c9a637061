const families = 'opus|sonnet|haiku|fable|mythos';
const version = '\\d{1,2}(?:[.-]\\d{1,2})?(?!\\d)';
const more = `(?:\\s*(?:,|and|&|\\/|,\\s*and)\\s*(?:${version}))*`;

/** `Opus 4.5`, `Sonnet 4, 4.5 and 4.6`, `claude-haiku-4-5`; and, as models were once called, `3.5 Sonnet`. */
const named = new RegExp(
  `(?:(?<before>${version})[\\s-]+)?\\b(?<family>${families})\\b(?:[\\s-]+(?<after>${version}${more}))?`,
  'gi',
);

/** A sentence that names models in order to say that they are well. */
const wellSentence = /\b(?:not|un)[\s-]?(?:affected|impacted)\b|\boperating normally\b|\bno impact\b/i;

/**
 * The models that a text about an incident names, as parts of their ids: `opus` for a family,
 * `opus-4-5` for one of its members; each once, in the order of the text.
 */
export function modelsNamed(text: string): string[] {
  const found = new Set<string>();
  for (const sentence of text.split(/(?<=[.!?])\s+|\n/)) {
    if (wellSentence.test(sentence)) continue;
    for (const { groups = {} } of sentence.matchAll(named)) {
      const family = (groups.family ?? '').toLowerCase();
      const versions = `${groups.before ?? ''} ${groups.after ?? ''}`.match(new RegExp(version, 'g')) ?? [];
      if (versions.length === 0) found.add(family);
      for (const each of versions) found.add(`${family}-${each.replace('.', '-')}`);
    }
  }
  return [...found];
}
