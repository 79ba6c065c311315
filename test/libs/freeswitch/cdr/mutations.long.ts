import { test } from 'node:test';
import { assertSurvives } from './mutations.ts';

test('100,000 damaged CDRs are read or refused, each within 50 ms, and never throw', () =>
  assertSurvives(100_000));
