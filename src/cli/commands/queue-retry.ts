import { retryItems } from '../../queue/office.ts';
import { queueAction } from '../queue/act.ts';

export const command = queueAction({
  name: 'queue retry',
  details:
    'What was given up (errored, expired, quarantined) is sent again, and its batch is open again.\n' +
    'What was quarantined may have been billed already.',
  done: 'put back',
  act: retryItems,
});
