import { Gauge, type Registry } from 'prom-client';
import { createQuestion } from '../telemetry/question.ts';
import type { Bus, Lag, Subscription } from './bus.ts';

const LIMITS = { freshMs: 5_000, limitMs: 2_000 };

/**
 * Registers whether the bus answers this process, and (for Kafka; the PostgreSQL bus counts its own) how far each group
 * is behind that this process is a member of. Returns the bus to use, which keeps the list of memberships.
 */
export function watchBus(bus: Bus, metrics: Registry): Bus {
  const isUp = createQuestion(async () => {
    await bus.check();
    return 1;
  }, LIMITS);
  new Gauge({
    name: 'switchfleet_bus_up',
    help: '1 when the bus answered this process within 2 s',
    registers: [metrics],
    async collect() {
      this.set((await isUp()) ?? 0);
    },
  });
  return bus.kind === 'kafka' ? withLag(bus, metrics) : bus;
}

function withLag(bus: Bus, metrics: Registry): Bus {
  const members = new Map<Subscription, string>();
  const lags = createQuestion(
    async () =>
      (
        await Promise.all(
          [...members].map(async ([member, group]) => (await member.lag()).map((lag) => ({ ...lag, group }))),
        )
      ).flat(),
    LIMITS,
  );
  showLag(metrics, 'switchfleet_bus', lags);
  return {
    ...bus,
    subscribe: async (options) => {
      const member = await bus.subscribe(options);
      members.set(member, options.group);
      return {
        lag: () => member.lag(),
        stop: () => {
          members.delete(member);
          return member.stop();
        },
      };
    },
  };
}

/** Registers `…_lag_records` and `…_lag_seconds` by group and topic. */
export function showLag(
  metrics: Registry,
  prefix: string,
  lags: () => Promise<readonly (Lag & { group: string })[] | undefined>,
  whose = 'this member has',
): void {
  const gauge = (unit: 'records' | 'seconds', help: string, join: (before: number, more: number) => number) =>
    new Gauge({
      name: `${prefix}_lag_${unit}`,
      help,
      labelNames: ['group', 'topic'],
      registers: [metrics],
      async collect() {
        const sums = new Map<string, { group: string; topic: string; value: number }>();
        for (const { group, topic, [unit]: value } of (await lags()) ?? []) {
          const key = `${group} ${topic}`;
          sums.set(key, { group, topic, value: join(sums.get(key)?.value ?? 0, value) });
        }
        this.reset();
        for (const { group, topic, value } of sums.values()) this.set({ group, topic }, value);
      },
    });
  gauge('records', `Records ${whose} still to apply`, (before, more) => before + more);
  gauge('seconds', 'Age of the oldest of them', Math.max);
}
