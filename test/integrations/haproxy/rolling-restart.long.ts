import { test } from 'node:test';
import { EDGES } from './edges.ts';
import { restartUnderLoad } from './rolling-restart.ts';

test('all edges are restarted in turn, then one of two is killed, under load: no CDR is lost', (t) =>
  restartUnderLoad(t, EDGES));
