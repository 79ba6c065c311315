import type { SimulatedEvent } from './simulated-event.ts';

/** Seconds that FreeSWITCH adds to the expiry a phone asked for before it forgets it (seen: 3600 → 3660). */
const GRACE_SECONDS = 60;

/** `show registrations`, kept by the events sofia::register, sofia::unregister and sofia::expire. */
export class RegistrationTable {
  readonly #switchname: string;
  readonly #rows = new Map<string, Record<string, string>>();

  constructor(switchname: string) {
    this.#switchname = switchname;
  }

  get rows(): readonly Record<string, string>[] {
    return [...this.#rows.values()];
  }

  apply({ subclass, headers }: SimulatedEvent): void {
    const key = headers['call-id'] ?? '';
    if (subclass === 'sofia::register') this.#rows.set(key, this.#toRow(headers));
    if (subclass === 'sofia::unregister' || subclass === 'sofia::expire') this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }

  #toRow(headers: Readonly<Record<string, string>>): Record<string, string> {
    const contact = /<([^>]*)>/.exec(headers['contact'] ?? '')?.[1] ?? '';
    const second = Math.floor(Number(headers['Event-Date-Timestamp'] ?? 0) / 1e6);
    return {
      reg_user: headers['from-user'] ?? '',
      realm: headers['from-host'] ?? '',
      token: headers['call-id'] ?? '',
      url: `sofia/${headers['profile-name'] ?? ''}/${contact}`,
      expires: String(second + Number(headers['expires'] ?? 0) + GRACE_SECONDS),
      network_ip: headers['network-ip'] ?? '',
      network_port: headers['network-port'] ?? '',
      network_proto: /\((\w+)/.exec(headers['status'] ?? '')?.[1]?.toLowerCase() ?? 'udp',
      hostname: this.#switchname,
      metadata: '',
    };
  }
}
