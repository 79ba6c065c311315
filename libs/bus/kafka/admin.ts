import type { Admin } from 'kafkajs';
import type { OpenClient } from './kafka-client.ts';
import { unavailable, withTimeLimit } from './time-limit.ts';

/** Kafka's administrative side, connected on first use and again after a failure. */
export interface AdminLine {
  /** Runs one question. @throws CodedError `bus-unavailable` */
  ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Makes the administrative line; `limitMs` bounds each question. */
export function createAdminLine(openClient: OpenClient, limitMs: number): AdminLine {
  let connected: Promise<Admin> | undefined;

  async function connect(): Promise<Admin> {
    const admin = openClient().admin();
    await admin.connect();
    return admin;
  }

  /** A connection that failed once is not trusted again. */
  async function drop(line: Promise<Admin>): Promise<void> {
    if (connected === line) connected = undefined;
    const admin = await line.catch(() => undefined);
    await admin?.disconnect().catch(() => undefined);
  }

  return {
    ask: async (what, question) => {
      connected ??= connect();
      const line = connected;
      try {
        return await withTimeLimit(limitMs, what, line.then(question));
      } catch (cause) {
        void drop(line);
        throw unavailable(`Kafka did not answer: ${what}`, cause);
      }
    },
    close: async () => {
      const line = connected;
      if (line !== undefined) await withTimeLimit(limitMs, 'closing', drop(line)).catch(() => undefined);
    },
  };
}
