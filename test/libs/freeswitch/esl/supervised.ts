import type { TestContext } from 'node:test';
import { createClock } from '../../../../libs/clock/clock.ts';
import type { EslSession } from '../../../../libs/freeswitch/esl/session.ts';
import {
  type NodeSupervisor,
  type StateChange,
  type SuperviseOptions,
  superviseNode,
} from '../../../../libs/freeswitch/esl/supervise-node.ts';
import type { RawEvent } from '../../../../libs/freeswitch/event/channel-event.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';

export interface Supervised {
  supervisor: NodeSupervisor;
  states: StateChange[];
  events: RawEvent[];
  faults: unknown[];
}

export interface SupervisedOptions extends Partial<SuperviseOptions> {
  port: number;
  onSync?: (session: EslSession) => Promise<void>;
  onEvent?: (event: RawEvent) => void;
}

/** Supervises a stub node with short waits, and remembers all that it reports; stopped when the test ends. */
export function supervised(t: TestContext, { onSync, onEvent, ...options }: SupervisedOptions): Supervised {
  const seen: Omit<Supervised, 'supervisor'> = { states: [], events: [], faults: [] };
  const supervisor = superviseNode(
    {
      host: '127.0.0.1',
      password: () => 'ClueCon',
      clock: createClock(),
      logger: createLogger({ service: 'test', level: 'silent' }),
      backoff: { firstMs: 20, longestMs: 100 },
      refusedRetry: { firstMs: 150, longestMs: 150 },
      ...options,
    },
    {
      onSync: onSync ?? (async (session) => void (await session.command('event json ALL'))),
      onEvent: (event) => {
        seen.events.push(event);
        onEvent?.(event);
      },
      onState: (change) => seen.states.push(change),
      onFault: (error) => seen.faults.push(error),
    },
  );
  t.after(() => supervisor.stop());
  return { supervisor, ...seen };
}
