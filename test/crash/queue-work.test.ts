import { crashTest } from './crash-test.ts';
import { queueWork } from './queue-work.ts';

crashTest('no acknowledged batch of the queue is lost, and every possible double billing is counted', queueWork);
