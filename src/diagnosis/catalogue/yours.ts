import { type Entry, links } from './entry.ts';

const told = 'Nothing: asking again would bring the same. It is told at once, word for word.';

/** What only the caller, or whoever looks after its account, can mend. */
export const yourEntries: readonly Entry[] = [
  {
    ...{ id: 'bad-request', class: 'request', link: links.errors },
    title: 'The request itself is refused',
    cause:
      'The API understood the request and says what is wrong with it: a parameter, the order of messages, a tool without a result.',
    tried: told,
    advice: 'Read the message of the error: it names the place. The same request will fail in the same way.',
  },
  {
    ...{ id: 'too-large', class: 'request', statuses: [413], link: links.errors },
    title: 'The request is too large',
    cause: 'Messages may have 32 MB, batches 256 MB, files 500 MB.',
    tried: told,
    advice: 'Send less: shorten the history, or upload files and name them.',
  },
  {
    ...{ id: 'not-found', class: 'request', statuses: [404], link: links.errors },
    title: 'There is no such thing',
    cause: 'The path, or the id in it, is not known to the API.',
    tried: told,
    advice: 'Check the path and the id.',
  },
  {
    ...{ id: 'thread-ended', class: 'request', link: links.errors },
    ...{ codes: ['thread_not_found', 'thread_already_continued', 'thread_continue_in_flight'] },
    title: 'The conversation kept by the API cannot be continued',
    cause: 'A thread lives five minutes after its last request, and each message can be continued once.',
    tried: 'Nothing: only the caller has the whole conversation.',
    advice: 'Send the whole conversation again with `thread: create`.',
  },
  {
    ...{ id: 'conflict', class: 'conflict', link: links.errors },
    title: 'Two requests are in each other’s way',
    cause: 'What the request wants to change is being changed by another one.',
    tried: 'It is asked again after growing pauses.',
    advice: 'If it stays, look which other program works on the same object.',
  },
  {
    ...{ id: 'bad-key', class: 'auth', link: links.keys },
    title: 'The key is not accepted',
    cause: 'The key is wrong, has been revoked, or has expired.',
    tried: 'A key that worked minutes ago is tried twice more; any other is told at once.',
    advice: 'Check which key the program sends; make a new one if it was revoked.',
  },
  {
    ...{ id: 'not-permitted', class: 'permission', link: links.keys },
    title: 'The key may not do this',
    cause: 'The key is good, but not for this model, feature or workspace; or something before the API wants a human.',
    tried: told,
    advice: 'Check what the key’s workspace may use, or ask who administers it.',
  },
  {
    ...{ id: 'organization-on-hold', class: 'permission', codes: ['organization_on_hold'], link: links.billing },
    title: 'The organization is on hold',
    cause: 'The provider has stopped the account.',
    tried: told,
    advice: 'Whoever owns the account has to talk to the provider.',
  },
  {
    ...{ id: 'out-of-money', class: 'spend-limit', link: links.billing },
    title: 'The money is used up',
    cause: 'The credit is used up, or a spend limit that was set for the organization or workspace is reached.',
    tried: told,
    advice: 'Buy credit or raise the limit in the Console.',
  },
  {
    ...{ id: 'tier-limit', class: 'spend-limit', codes: ['enforced_spend_limit_reached'], link: links.rateLimits },
    title: "The tier's monthly spend limit is reached",
    cause: 'Each usage tier has a cap a month, which lasts until the first of the next month, 00:00 UTC.',
    tried: told,
    advice: 'Ask for a higher tier, or wait for the first of the month.',
  },
  {
    ...{ id: 'contract-limit', class: 'spend-limit', codes: ['contract_spend_limit_reached'], link: links.billing },
    title: "The contract's spend limit is reached",
    cause: 'What the contract allows has been spent.',
    tried: told,
    advice: 'Whoever holds the contract has to raise it.',
  },
  {
    ...{ id: 'rate-limited', class: 'rate-limit', link: links.rateLimits },
    title: 'A rate limit of this key is reached',
    cause: 'More requests or tokens a minute than this organization may use of this model.',
    tried: 'The route rests for as long as the API says, then calls go out again one after the other.',
    advice: 'Send less at once, spread it, or ask for higher limits. Others with other keys are not touched.',
  },
  {
    ...{ id: 'ramp-limited', class: 'rate-limit', codes: ['ramp_limit_exceeded'], link: links.rateLimits },
    title: 'Traffic rose too fast',
    cause: 'The API limits how fast usage may grow, also below the limits themselves.',
    tried: 'The route rests for as long as the API says, then calls go out again one after the other.',
    advice: 'Let the load grow over minutes instead of at once.',
  },
  {
    ...{ id: 'model-gone', class: 'model', link: links.models },
    title: 'This model is not to be had',
    cause: 'Its name is wrong, it has been retired or suspended, or this account may not use it.',
    tried: 'The next model or upstream that the configuration names for it is asked at once.',
    advice: 'Check the name against the list of models, or name another one.',
  },
];
