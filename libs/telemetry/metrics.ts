import { Registry } from 'prom-client';

export type { Registry };

/** The metrics of one process. Each module registers its own on the registry it is given. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  return registry;
}
