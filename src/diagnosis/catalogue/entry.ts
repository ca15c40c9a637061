import type { FailureClass } from '../../core/outcome.ts';

/** One known way to fail, told for people who know neither the product nor the API. */
export interface Entry {
  /** Kebab case, fixed: reports and links name it. */
  readonly id: string;
  readonly class: FailureClass;
  /** It fits where one of these is the failure's code. Without `codes` and `statuses` it is its class's own entry. */
  readonly codes?: readonly string[];
  /** It fits where one of these is the status. */
  readonly statuses?: readonly number[];
  /** A few words: `The model is overloaded`. */
  readonly title: string;
  readonly cause: string;
  /** What is tried against it, without anybody's help. */
  readonly tried: string;
  /** What a person should do. */
  readonly advice: string;
  /** Where the provider, or we, tell more. */
  readonly link: string;
}

/** Where entries point to. */
export const links = {
  errors: 'https://platform.claude.com/docs/en/api/errors',
  rateLimits: 'https://platform.claude.com/docs/en/api/rate-limits',
  billing: 'https://platform.claude.com/settings/billing',
  keys: 'https://platform.claude.com/settings/keys',
  models: 'https://platform.claude.com/docs/en/about-claude/models/overview',
  status: 'https://status.claude.com',
  failures: 'docs/failures.md',
  doctor: 'docs/cli.md',
} as const;
