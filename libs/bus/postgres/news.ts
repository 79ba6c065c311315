import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { messageOf } from '../../errors/coded-error.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { TELL_MS } from './limits.ts';
import { notify } from './log.sql.ts';

/** Wakes one reader; a ring while it does not wait is kept for its next wait. */
export interface Alarm {
  ring(): void;
  /** Resolves at the next ring, or after `ms`; tells which. */
  wait(ms: number): Promise<'rung' | 'timeout'>;
}

/** Makes an alarm that has not rung. */
export function createAlarm(): Alarm {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          wake = undefined;
          resolve(hasRung ? 'rung' : 'timeout');
          hasRung = false;
        };
        const timer = setTimeout(finish, ms);
        wake = finish;
        if (hasRung) finish();
      }),
  };
}

/** Where news come from: this process, or another one (or nobody knows). */
export type Origin = 'here' | 'elsewhere';
export type OnNews = (origin: Origin) => void;

/** Who is told of what: a topic's records, or a group's members. */
export interface News {
  /** Calls back on news of these subjects; returns a function that ends it. */
  subscribe(subjects: readonly string[], callback: OnNews): () => void;
  /** Tells the subscribers of this process now, and those of others soon. */
  tell(subject: string): void;
  /** What came from another process. */
  hear(payload: string): void;
  /** Something may have been missed: wakes everybody. */
  wakeAll(): void;
  /** Resolves when nothing is left to tell. */
  idle(): Promise<void>;
}

/** `origin` names this process in payloads, so that it does not wake itself twice. */
export function createNews({ pool, logger, origin }: { pool: Pool; logger: Logger; origin: string }): News {
  const subscribers = new Map<string, Set<OnNews>>();
  const untold = new Set<string>();
  let telling: Promise<void> | undefined;

  const wake = (subject: string, from: Origin) => {
    for (const callback of subscribers.get(subject) ?? []) callback(from);
  };

  /** One NOTIFY at a time: what comes meanwhile goes with the next one. */
  async function tellOthers(): Promise<void> {
    while (untold.size > 0) {
      const payloads = [...untold].map((subject) => `${origin} ${subject}`);
      untold.clear();
      try {
        await notify(pool, payloads);
        await sleep(TELL_MS);
      } catch (error) {
        // Readers look by themselves every second: a lost notification costs only that.
        logger.debug({ reason: messageOf(error) }, 'cannot notify');
      }
    }
    telling = undefined;
  }

  return {
    subscribe: (subjects, callback) => {
      for (const subject of subjects) {
        const callbacks = subscribers.get(subject) ?? new Set();
        subscribers.set(subject, callbacks.add(callback));
      }
      return () => {
        for (const subject of subjects) subscribers.get(subject)?.delete(callback);
      };
    },
    tell: (subject) => {
      wake(subject, 'here');
      untold.add(subject);
      telling ??= tellOthers();
    },
    hear: (payload) => {
      const [from = '', ...subject] = payload.split(' ');
      if (from !== origin) wake(subject.join(' '), 'elsewhere');
    },
    wakeAll: () => {
      for (const subject of subscribers.keys()) wake(subject, 'elsewhere');
    },
    idle: async () => telling,
  };
}
