import { Registry } from 'prom-client';
import { readVersion } from '../lifecycle/version.ts';
import { showProcess } from './process-figures.ts';

export type { Registry };

/**
 * The metrics of one service. Each module registers its own on the registry it is given. Those of the process itself are
 * in it too, unless the service shares its process with others (`sharesProcess`).
 */
export function createMetrics(service: string, { sharesProcess = false } = {}): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (!sharesProcess) showProcess(registry, readVersion());
  return registry;
}
