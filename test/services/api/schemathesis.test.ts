import { test } from 'node:test';
import { askEverything } from '../../support/schemathesis/ask-everything.ts';

test('whatever the document allows or forbids, no answer breaks its word', (t) =>
  askEverything(t, { seconds: 40, seed: 8 }));
