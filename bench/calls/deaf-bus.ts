import type { Bus, Subscription } from '../../libs/bus/bus.ts';

const NOTHING: Subscription = { stop: async () => undefined, lag: async () => [] };

/** A bus that takes everything and keeps nothing: what a merger says costs nothing then. */
export function deafBus(): Bus {
  return {
    kind: 'postgres',
    publish: async () => undefined,
    subscribe: async () => NOTHING,
    follow: async () => NOTHING,
    check: async () => undefined,
    close: async () => undefined,
  };
}
