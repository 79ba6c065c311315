import { Gauge, type Registry } from 'prom-client';
import type { Health } from '../lifecycle/stoppable.ts';

/** Registers whether the service is ready: what `/health/ready` answers, for alerts. */
export function showReadiness(metrics: Registry, health: () => Health): void {
  new Gauge({
    name: 'switchfleet_ready',
    help: '1 when traffic may come to the service, as /health/ready says',
    registers: [metrics],
    collect() {
      this.set(health().ready ? 1 : 0);
    },
  });
}
