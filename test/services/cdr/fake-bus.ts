import assert from 'node:assert/strict';
import type { Bus, BusRecord } from '../../../libs/bus/bus.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Topic } from '../../../libs/records/topics.ts';

/** A bus that keeps what is published and whose durability the test decides. */
export interface FakeBus extends Bus {
  published: { topic: Topic; record: BusRecord }[];
  /** makes every publish wait until `release`, fail with a code, or work (the default) */
  behave(how: 'work' | 'wait' | { fail: string }): void;
  release(): void;
}

export function createFakeBus(): FakeBus {
  let behaviour: 'work' | 'wait' | { fail: string } = 'work';
  let waiting = Promise.withResolvers<void>();
  const published: FakeBus['published'] = [];
  return {
    kind: 'postgres',
    published,
    behave: (how) => {
      behaviour = how;
    },
    release: () => {
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
    },
    publish: async (topic, records) => {
      if (typeof behaviour === 'object') throw new CodedError(behaviour.fail, 'as the test wants it');
      if (behaviour === 'wait') await waiting.promise;
      for (const record of records) published.push({ topic, record });
    },
    check: async () => {
      if (typeof behaviour === 'object') throw new CodedError(behaviour.fail, 'as the test wants it');
    },
    subscribe: () => assert.fail('the cdr service does not subscribe'),
    follow: () => assert.fail('the cdr service does not follow'),
    close: async () => undefined,
  };
}
