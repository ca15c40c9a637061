import type { Fault } from '../fault.ts';

const body = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

export const unavailableText: Fault = {
  name: 'unavailable-text',
  summary: 'Status 503 with a line of plain text from a proxy in front of the API.',
  phase: 'pre-content',
  play: (exchange) => exchange.send(503, ['content-type', 'text/plain', 'server', 'envoy'], body),
};
