import { systemClock } from '../../core/clock.ts';
import type { Diagnosis } from '../../diagnosis/endpoint.ts';
import { readTime } from '../../ledger/read-filter.ts';
import { configOption, dataOptions, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { diagnoseCall, diagnoseFromLedger } from '../diagnosis/from-ledger.ts';
import { verdictLines } from '../diagnosis/view.ts';
import { addressOf, urlOption } from '../gateway-url.ts';
import { unknownCall } from '../ledger/show-view.ts';
import { note, paint, print } from '../output.ts';
import { askGateway } from '../status/ask.ts';

export const command = defineCommand({
  name: 'diagnose',
  options: {
    since: { kind: 'text', value: 'TIME', about: 'judge by the ledger from then on: 30m, 1h, 2d or an ISO time' },
    'paid-canary': { kind: 'switch', about: 'also have a model write one token, which costs a little' },
    url: urlOption,
    config: configOption,
    json: jsonOption,
    ...dataOptions,
  },
  operands: { usage: '[ID]', min: 0, max: 1 },
  details:
    'Says whose fault it is: your request, your account, your network, this model, this provider or this gateway.\n' +
    'It asks the gateway that runs; where none does, it plays the last hour of the ledger and looks at the API\n' +
    'itself. With ID, a ridethrough-id or any request-id, it judges by the time of that call.',
  async run({ options, operands: [id] }) {
    const place = { ...options, paid: options['paid-canary'], configPath: options.config ?? null };
    if (id !== undefined) {
      const found = await diagnoseCall(place, id);
      if (found !== null) return tell(found, options.json);
      note(`ridethrough: ${unknownCall(id)}`);
      return 1;
    }
    if (options.since === undefined && !options['paid-canary']) {
      const question = { url: addressOf(options.url), path: '/ridethrough/diagnosis', members: ['verdict'] };
      const asked = await askGateway<Diagnosis>(question, process.env, systemClock);
      if ('report' in asked) return tell(asked.report, options.json);
      note(`ridethrough: ${asked.problem.split(': ')[0]}; judging by what is recorded and by a free look.`);
    }
    const nowMs = systemClock.now();
    return tell(await diagnoseFromLedger(place, readTime('since', options.since ?? '1h', nowMs), nowMs), options.json);
  },
});

function tell(diagnosis: Diagnosis, json: boolean): number {
  const { verdict, atMs } = diagnosis;
  print(json ? JSON.stringify(diagnosis, null, 2) : verdictLines(verdict, atMs, paint).join('\n'));
  return 0;
}
