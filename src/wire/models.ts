import { isJsonObject } from './json.ts';

/** The forms of the `thinking` parameter. */
export type ThinkingForm = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';

/** What has to be known of a model before a request that was made for another is sent to it. */
export interface ModelFacts {
  /** May the last message be an assistant's? null: unknown. */
  readonly prefill: boolean | null;
  /** May `tool_choice` force a tool? See `forcesTool`; null: unknown. */
  readonly forcedTools: boolean | null;
  /** Input tokens it takes; null: unknown. */
  readonly contextTokensMax: number | null;
  /** Largest `max_tokens` it takes; null: unknown. */
  readonly outputTokensMax: number | null;
  /** A million tokens of context by a beta: `never` refuses the beta, `beta` needs it, `always` can do without. null: unknown. */
  readonly longContext: 'never' | 'beta' | 'always' | null;
  /** Forms of `thinking` it answers with a 400. */
  readonly thinkingRefused: ReadonlySet<ThinkingForm>;
}

const size1M = { contextTokensMax: 1_000_000, outputTokensMax: 128_000, longContext: 'always' as const };

/** Up to 4.5: thinking by budget, and the last ones that take a prefill. */
const budgeted: ModelFacts = {
  prefill: true,
  forcedTools: true,
  contextTokensMax: 200_000,
  outputTokensMax: 64_000,
  longContext: 'never',
  thinkingRefused: new Set(['adaptive', 'between_tools']),
};
/** 4.6 takes both ways of thinking. */
const transitional: ModelFacts = {
  ...size1M,
  prefill: false,
  forcedTools: true,
  thinkingRefused: new Set(['between_tools']),
};
/** From 4.7 on: adaptive thinking, no budgets. */
const adaptive: ModelFacts = { ...transitional, thinkingRefused: new Set(['between_tools', 'enabled']) };
/** Thinking cannot be turned off. */
const alwaysOn: ModelFacts = { ...adaptive, thinkingRefused: new Set(['between_tools', 'enabled', 'disabled']) };
/** Nor, with it, can a tool be forced. */
const alwaysOnUnforced: ModelFacts = { ...alwaysOn, forcedTools: false };
/** `between_tools` takes the place of `disabled`. */
const betweenTools: ModelFacts = { ...adaptive, forcedTools: false, thinkingRefused: new Set(['enabled', 'disabled']) };

/** An unknown model is given the benefit of the doubt: a 400 of a fallback target is never surfaced (R7). */
const unknown: ModelFacts = {
  prefill: null,
  forcedTools: null,
  contextTokensMax: null,
  outputTokensMax: null,
  longContext: null,
  thinkingRefused: new Set(),
};

/** As of 2026-11-22. Since 4.6 ids without a date are pinned snapshots; before, they are aliases of dated ones. */
const models: ReadonlyMap<string, ModelFacts> = new Map([
  ['claude-fable-5-2', alwaysOnUnforced],
  ['claude-mythos-5-2', alwaysOnUnforced],
  ['claude-opus-5-5', alwaysOnUnforced],
  ['claude-sonnet-5-5', betweenTools],
  ['claude-haiku-5-5', adaptive],
  ['claude-fable-5-1', alwaysOnUnforced],
  ['claude-mythos-5-1', alwaysOnUnforced],
  ['claude-fable-5', alwaysOn],
  ['claude-mythos-5', alwaysOn],
  ['claude-opus-5', adaptive],
  ['claude-sonnet-5', adaptive],
  ['claude-opus-4-8', adaptive],
  ['claude-opus-4-7', adaptive],
  ['claude-opus-4-6', transitional],
  ['claude-sonnet-4-6', transitional],
  ['claude-mythos-preview', { ...unknown, prefill: false }],
  ['claude-opus-4-5', budgeted],
  ['claude-sonnet-4-5', { ...budgeted, longContext: 'beta' }],
  ['claude-haiku-4-5', budgeted],
]);

/** True for a `tool_choice` that leaves the model no choice but to call a tool. */
export function forcesTool(choice: unknown): boolean {
  return isJsonObject(choice) && (choice.type === 'any' || choice.type === 'tool');
}

/** The facts of a model by its id, with or without its date (`claude-haiku-4-5-20251001`). */
export function modelFacts(model: string): ModelFacts {
  return models.get(model.replace(/-\d{8}$/, '')) ?? unknown;
}
