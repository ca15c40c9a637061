import type { Fault } from '../fault.ts';

const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to continue</body></html>';

export const html200: Fault = {
  name: 'html-200',
  summary: 'Status 200 with a page of HTML: a captive portal, not the API.',
  phase: 'pre-content',
  play: (exchange) => exchange.send(200, ['content-type', 'text/html; charset=utf-8'], page),
};
