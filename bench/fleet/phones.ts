import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedNode } from '../../test/support/simulator/simulated-node.ts';
import { addressOf, type FleetSize } from './fleet-size.ts';

/** How often a phone says that it is still there. */
export const EXPIRES_SECONDS = 600;
const BURST_MS = 20;

/** Phones that register with the nodes, spread evenly over users and nodes. */
export class Phones {
  readonly #size: FleetSize;
  readonly #nodes: readonly SimulatedNode[];

  constructor(size: FleetSize, nodes: readonly SimulatedNode[]) {
    this.#size = size;
    this.#nodes = nodes;
  }

  /** Refreshes a second. */
  get rate(): number {
    return this.#size.registrations / EXPIRES_SECONDS;
  }

  /** Every phone registers once, so many a second. */
  async registerAll(perSecond: number): Promise<void> {
    await this.#pace(this.#size.registrations, perSecond, () => false);
  }

  /** Phones refresh in turn until it is over. */
  async refresh(watching: { isOver: boolean }): Promise<void> {
    await this.#pace(Number.POSITIVE_INFINITY, this.rate, () => watching.isOver);
  }

  async #pace(total: number, perSecond: number, isOver: () => boolean): Promise<void> {
    const began = performance.now();
    for (let sent = 0; sent < total && !isOver(); await sleep(BURST_MS)) {
      const due = Math.min(total, ((performance.now() - began) / 1000) * perSecond);
      for (; sent < due; sent += 1) this.#register(sent % this.#size.registrations);
    }
  }

  #register(phone: number): void {
    const node = this.#nodes[phone % this.#nodes.length];
    if (node === undefined) return;
    const every = this.#size.users / this.#size.registrations;
    const { user, domain } = addressOf(this.#size, phone * every);
    const ip = `198.51.${(phone >> 8) & 255}.${phone & 255}`;
    node.emit(
      node.core.event('CUSTOM', [
        ['Event-Subclass', 'sofia::register'],
        ['profile-name', 'internal'],
        ['from-user', user],
        ['from-host', domain],
        ['contact', `"" <sip:${user}@${ip}:5060>`],
        ['call-id', `phone-${phone}@${ip}`],
        ['status', 'Registered(UDP)'],
        ['expires', String(EXPIRES_SECONDS)],
        ['network-ip', ip],
        ['network-port', '5060'],
        ['user-agent', 'bench-phone/1.0'],
      ]),
    );
  }
}
