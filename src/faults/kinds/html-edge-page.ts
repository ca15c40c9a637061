import { rayId } from '../api/answering.ts';
import type { Fault } from '../fault.ts';

const page =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n' +
  '<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n';

export const htmlEdgePage: Fault = {
  name: 'html-edge-page',
  summary: 'Status 502 with a page of HTML from the edge, and no request-id.',
  phase: 'pre-content',
  play: (exchange) =>
    exchange.send(
      502,
      ['content-type', 'text/html', 'server', 'cloudflare', 'cf-ray', rayId(exchange.requestId)],
      page,
    ),
};
