import type { Pool } from 'pg';
import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { writeLookups } from '../../libs/store/node-lookups.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { DirectoryModel } from './model/directory-model.ts';

export interface LastQuestionsOptions {
  pool: Pool;
  clock: Clock;
  logger: Logger;
}

/** Remembers when each configured node asked last. */
export interface LastQuestions extends Stoppable {
  note(form: LookupForm, model: DirectoryModel): void;
}

/** Nodes ask many times a second; a person wants to know whether they do. */
const WRITE_MS = 30_000;

/**
 * Notes in memory, and writes what is new twice a minute. There are no more entries than configured nodes; nobody waits for
 * the database, and what it did not take goes along with the next.
 */
export function createLastQuestions({ pool, clock, logger }: LastQuestionsOptions): LastQuestions {
  const askedUs = new Map<string, number>();
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    cancel = undefined;
    const news = new Map(askedUs);
    askedUs.clear();
    await writeLookups(pool, news).catch((error) => {
      logger.debug({ reason: messageOf(error) }, 'when nodes asked last could not be written');
      for (const [node, us] of news) if (!askedUs.has(node)) askedUs.set(node, us);
      later();
    });
  }

  function later(): void {
    cancel ??= clock.after(WRITE_MS, () => {
      writing = write();
    });
  }

  return {
    note: (form, { fleet }) => {
      const node = fleet.node(form.get('hostname') ?? '');
      if (node === undefined) return;
      askedUs.set(node.key, clock.nowUs());
      later();
    },
    stop: async () => {
      cancel?.();
      cancel = () => undefined;
      await writing;
    },
  };
}
