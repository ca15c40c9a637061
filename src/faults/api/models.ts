/** How a model lets its thinking be set: what is absent is refused with a 400. */
type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';

/** A model of the simulated API, and what it takes. */
export interface ModelFacts {
  readonly id: string;
  readonly displayName: string;
  readonly createdAt: string;
  readonly inputTokensMax: number;
  readonly outputTokensMax: number;
  readonly thinking: readonly ThinkingType[];
  /** Takes an `assistant` message at the end as the beginning of its answer. */
  readonly prefill: boolean;
  /** Takes `tool_choice` of type `any` or `tool`. */
  readonly forcedTool: boolean;
}

const context = { inputTokensMax: 1_000_000, outputTokensMax: 128_000 };
const latest = { ...context, prefill: false, forcedTool: true };
const alwaysThinking = { ...latest, thinking: ['adaptive'] as const };
const adaptive = { ...latest, thinking: ['adaptive', 'disabled'] as const };
const adaptiveOrBudget = { ...latest, thinking: ['adaptive', 'enabled', 'disabled'] as const };
const budget = {
  inputTokensMax: 200_000,
  outputTokensMax: 64_000,
  thinking: ['enabled', 'disabled'] as const,
  prefill: true,
  forcedTool: true,
};

/**
 * The catalogue as of November 2026. It is kept apart from the product's own table on purpose:
 * a checker that shared the product's beliefs could not find them wrong.
 */
export const models: readonly ModelFacts[] = [
  { ...alwaysThinking, id: 'claude-fable-5-2', displayName: 'Claude Fable 5.2', createdAt: '2026-11-10T00:00:00Z' },
  { ...alwaysThinking, id: 'claude-mythos-5-2', displayName: 'Claude Mythos 5.2', createdAt: '2026-11-10T00:00:00Z' },
  {
    ...alwaysThinking,
    id: 'claude-opus-5-5',
    displayName: 'Claude Opus 5.5',
    createdAt: '2026-10-21T00:00:00Z',
    forcedTool: false,
  },
  {
    ...adaptive,
    id: 'claude-sonnet-5-5',
    displayName: 'Claude Sonnet 5.5',
    createdAt: '2026-10-21T00:00:00Z',
    thinking: ['adaptive', 'disabled', 'between_tools'],
    forcedTool: false,
  },
  { ...adaptive, id: 'claude-haiku-5-5', displayName: 'Claude Haiku 5.5', createdAt: '2026-10-21T00:00:00Z' },
  {
    ...alwaysThinking,
    id: 'claude-fable-5-1',
    displayName: 'Claude Fable 5.1',
    createdAt: '2026-08-31T00:00:00Z',
    forcedTool: false,
  },
  { ...alwaysThinking, id: 'claude-mythos-5-1', displayName: 'Claude Mythos 5.1', createdAt: '2026-08-31T00:00:00Z' },
  { ...adaptive, id: 'claude-sonnet-5', displayName: 'Claude Sonnet 5', createdAt: '2026-06-30T00:00:00Z' },
  { ...adaptive, id: 'claude-opus-5', displayName: 'Claude Opus 5', createdAt: '2026-06-30T00:00:00Z' },
  { ...alwaysThinking, id: 'claude-fable-5', displayName: 'Claude Fable 5', createdAt: '2026-06-01T00:00:00Z' },
  { ...alwaysThinking, id: 'claude-mythos-5', displayName: 'Claude Mythos 5', createdAt: '2026-06-01T00:00:00Z' },
  { ...adaptive, id: 'claude-opus-4-8', displayName: 'Claude Opus 4.8', createdAt: '2026-05-20T00:00:00Z' },
  { ...adaptive, id: 'claude-opus-4-7', displayName: 'Claude Opus 4.7', createdAt: '2026-04-15T00:00:00Z' },
  { ...adaptive, id: 'claude-mythos-preview', displayName: 'Claude Mythos Preview', createdAt: '2026-04-07T00:00:00Z' },
  { ...adaptiveOrBudget, id: 'claude-sonnet-4-6', displayName: 'Claude Sonnet 4.6', createdAt: '2026-02-17T00:00:00Z' },
  { ...adaptiveOrBudget, id: 'claude-opus-4-6', displayName: 'Claude Opus 4.6', createdAt: '2026-02-05T00:00:00Z' },
  { ...budget, id: 'claude-opus-4-5', displayName: 'Claude Opus 4.5', createdAt: '2025-11-01T00:00:00Z' },
  { ...budget, id: 'claude-opus-4-5-20251101', displayName: 'Claude Opus 4.5', createdAt: '2025-11-01T00:00:00Z' },
  { ...budget, id: 'claude-haiku-4-5', displayName: 'Claude Haiku 4.5', createdAt: '2025-10-01T00:00:00Z' },
  { ...budget, id: 'claude-haiku-4-5-20251001', displayName: 'Claude Haiku 4.5', createdAt: '2025-10-01T00:00:00Z' },
  { ...budget, id: 'claude-sonnet-4-5', displayName: 'Claude Sonnet 4.5', createdAt: '2025-09-29T00:00:00Z' },
  { ...budget, id: 'claude-sonnet-4-5-20250929', displayName: 'Claude Sonnet 4.5', createdAt: '2025-09-29T00:00:00Z' },
];

const byId = new Map(models.map((model) => [model.id, model]));

/** The facts of a model; undefined for one that the API does not know. */
export function findModel(id: string): ModelFacts | undefined {
  return byId.get(id);
}

/** A model as GET /v1/models describes it. */
export function modelInfo(model: ModelFacts): object {
  const supported = (yes: boolean) => ({ supported: yes });
  const thinks = (type: ThinkingType) => supported(model.thinking.includes(type));
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    line: model.id.split('-')[1] ?? null,
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    max_input_tokens: model.inputTokensMax,
    max_tokens: model.outputTokensMax,
    capabilities: {
      batch: supported(true),
      image_input: supported(true),
      structured_outputs: supported(true),
      thinking: {
        supported: true,
        types: {
          adaptive: thinks('adaptive'),
          enabled: thinks('enabled'),
          disabled: thinks('disabled'),
          between_tools: thinks('between_tools'),
        },
      },
    },
  };
}
