import { giveUpItems } from '../../queue/office.ts';
import { queueAction } from '../queue/act.ts';

export const command = queueAction({
  name: 'queue cancel',
  details: 'What waits or is quarantined is given up for good; what is under way may still end.',
  done: 'canceled',
  act: giveUpItems,
});
