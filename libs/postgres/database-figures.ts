import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { createQuestion } from '../telemetry/question.ts';

const LIMITS = { freshMs: 5_000, limitMs: 1_500 };

/** Registers whether the primary answers, as seen from this process. */
export function showDatabase(pool: Pool, metrics: Registry): void {
  const isUp = createQuestion(async () => {
    await pool.query('select 1');
    return 1;
  }, LIMITS);
  new Gauge({
    name: 'switchfleet_database_up',
    help: '1 when PostgreSQL answered this process within 1.5 s',
    registers: [metrics],
    async collect() {
      this.set((await isUp()) ?? 0);
    },
  });
}
