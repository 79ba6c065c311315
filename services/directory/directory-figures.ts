import { Counter, Gauge, type Registry } from 'prom-client';
import type { AnswerKind } from './answers.ts';
import type { DirectoryModel } from './model/directory-model.ts';

/** Counts answers, in plain numbers that become metrics when somebody looks: every lookup counts one. */
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
  const answers = new Map<AnswerKind, number>();
  new Counter({
    name: 'switchfleet_directory_answers_total',
    help: 'Lookups by what was answered',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const [kind, count] of answers) this.inc({ kind }, count);
    },
  });
  return (kind) => answers.set(kind, (answers.get(kind) ?? 0) + 1);
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
