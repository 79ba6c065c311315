import { Counter, Gauge, type Registry } from 'prom-client';
import type { AnswerKind } from './answers.ts';
import type { DirectoryModel } from './model/directory-model.ts';

/** Counts answers; each kind has its counter at hand, because every lookup counts one. */
export function createFigures(
  metrics: Registry,
  snapshot: { readonly model: DirectoryModel },
): (kind: AnswerKind) => void {
  gauge(metrics, 'switchfleet_directory_users', 'Users in memory', () => snapshot.model.users.size);
  gauge(
    metrics,
    'switchfleet_directory_registrations',
    'Users in memory who are registered somewhere',
    () => snapshot.model.registrations.size,
  );
  const answers = new Counter({
    name: 'switchfleet_directory_answers_total',
    help: 'Lookups by what was answered',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const kinds = new Map<AnswerKind, Counter.Internal>();
  return (kind) => {
    let counter = kinds.get(kind);
    if (counter === undefined) {
      counter = answers.labels({ kind });
      kinds.set(kind, counter);
    }
    counter.inc();
  };
}

function gauge(metrics: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [metrics],
    collect() {
      this.set(read());
    },
  });
}
