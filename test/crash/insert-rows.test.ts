import { crashTest } from './crash-test.ts';
import { insertRows } from './insert-rows.ts';

crashTest('no acknowledged row is lost', insertRows);
