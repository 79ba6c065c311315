import { test } from 'node:test';
import { askEverything } from '../../support/schemathesis/ask-everything.ts';

test('for five minutes, no answer breaks the word of the document', (t) =>
  askEverything(t, { seconds: 300, seed: Math.floor(Math.random() * 1_000_000) }));
