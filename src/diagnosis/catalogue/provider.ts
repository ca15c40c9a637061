import { type Entry, links } from './entry.ts';

const waits =
  'It is asked again after growing pauses; when that is used up the call waits, and one probe at a time finds out whether the route is back.';
const heals =
  'Before the first word it is asked again unseen; later the text is continued where it broke, and what cannot be continued was held back and is asked for anew.';

/** Trouble at the provider's side. It passes. */
export const providerEntries: readonly Entry[] = [
  {
    id: 'overloaded',
    class: 'overload',
    link: links.errors,
    title: 'The model is overloaded',
    cause: 'The provider has more requests for this model than it can serve. Capacity is counted for each model.',
    tried: waits,
    advice: 'Nothing has to be mended. Name a fallback model or upstream in the configuration if you cannot wait.',
  },
  {
    id: 'api-error',
    class: 'server',
    link: links.errors,
    title: 'An error inside the API',
    cause: "Something broke on the provider's side while it handled the request.",
    tried: waits,
    advice:
      'Nothing has to be mended. If one request meets it every time while others go well, send its request-id to the provider.',
  },
  {
    id: 'edge-error',
    class: 'server',
    link: links.status,
    statuses: [502, 503, 520, 521, 522, 523, 525, 526, 530],
    title: "The provider's edge found no server behind it",
    cause: 'The request reached the network in front of the API, which could not reach the API itself.',
    tried: waits,
    advice: 'Nothing has to be mended. Such a page usually lasts seconds to minutes.',
  },
  {
    id: 'encryption-key',
    class: 'server',
    link: links.errors,
    codes: ['cmek_context_unavailable', 'cmek_key_unreachable'],
    title: 'Your own encryption key cannot be reached',
    cause: 'Your organization keeps its data under a key of its own, and the provider cannot get at that key.',
    tried: waits,
    advice: 'Ask those who look after the key: it may be disabled, or its service may be down.',
  },
  {
    id: 'compaction-unavailable',
    class: 'overload',
    codes: ['compaction_unavailable'],
    link: links.errors,
    title: 'Compaction is not to be had',
    cause: 'The part of the API that shortens long conversations has no room at the moment.',
    tried: waits,
    advice: 'Nothing has to be mended.',
  },
  {
    id: 'no-answer-in-time',
    class: 'timeout',
    link: links.errors,
    title: 'No answer in time',
    cause: 'The connection stood, but no answer began, or the edge gave up waiting for one.',
    tried: `${waits} Long answers in one piece are streamed, so that the edge does not give up.`,
    advice:
      'Nothing has to be mended if it passes. If it always meets long answers, stream them, or set timeouts.first_byte higher.',
  },
  {
    id: 'stream-cut',
    class: 'truncated',
    link: links.failures,
    title: 'The answer ended before it was whole',
    cause: 'The stream stopped without its last event. A plain SDK reports half an answer as success here.',
    tried: heals,
    advice: 'Nothing has to be mended.',
  },
  {
    id: 'stream-silent',
    class: 'stalled',
    link: links.failures,
    title: 'The stream fell silent',
    cause: 'The connection stands, but nothing comes any more, or nothing but signs of life.',
    tried: heals,
    advice: 'Nothing has to be mended. If long thinking is cut by it, set timeouts.progress higher.',
  },
  {
    id: 'broken-answer',
    class: 'protocol',
    link: links.failures,
    title: 'What came is no answer of the Claude API',
    cause: 'The bytes under a good status break the rules of the protocol, or are something else.',
    tried: heals,
    advice: 'If it stays, look who stands between here and the API: `ridethrough doctor` tells.',
  },
  {
    id: 'not-claude',
    class: 'protocol',
    codes: ['not_claude'],
    link: links.doctor,
    title: 'A web page came instead of an answer',
    cause: 'Something else answers at this address: a login page, a proxy, or a wrong URL.',
    tried: 'It is asked again a few times, then told: waiting does not mend an address.',
    advice: "Check the upstream's URL, and whether this network wants a login first. `ridethrough doctor` tells.",
  },
  {
    id: 'empty-answer',
    class: 'protocol',
    codes: ['empty_answer'],
    link: links.failures,
    title: 'An empty answer under a good status',
    cause: 'The status says success, and nothing follows.',
    tried: heals,
    advice: 'Nothing has to be mended if it passes.',
  },
];
