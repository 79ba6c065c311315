import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../libs/clock/clock.ts';
import type { EventHeader } from './event-text.ts';
import { SimulatedEvent } from './simulated-event.ts';

/** What a node says of itself in every event. */
export interface NodeName {
  switchname: string;
  hostname: string;
}

/** One run of a FreeSWITCH process: its Core-UUID, when it started, and its count of events. */
export class NodeCore {
  readonly uuid: string;
  readonly startedUs: number;
  readonly version: string;
  readonly #name: NodeName;
  readonly #clock: Clock;
  #sequence: number;

  constructor(
    name: NodeName,
    clock: Clock,
    core: { uuid?: string; startedUs?: number; version?: string } = {},
  ) {
    this.#name = name;
    this.#clock = clock;
    this.uuid = core.uuid ?? randomUUID();
    this.startedUs = core.startedUs ?? clock.nowUs();
    this.version = core.version ?? '1.10.12-release~64bit';
    this.#sequence = 400;
  }

  get uptimeUs(): number {
    return Math.max(0, this.#clock.nowUs() - this.startedUs);
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** An event of the simulator's own making, dated now. */
  event(name: string, headers: readonly EventHeader[]): SimulatedEvent {
    return SimulatedEvent.of([['Event-Name', name], ...this.#baseHeaders(), ...headers]);
  }

  #baseHeaders(): EventHeader[] {
    const nowUs = this.#clock.nowUs();
    const now = new Date(nowUs / 1000);
    return [
      ['Core-UUID', this.uuid],
      ['FreeSWITCH-Hostname', this.#name.hostname],
      ['FreeSWITCH-Switchname', this.#name.switchname],
      ['FreeSWITCH-IPv4', '192.0.2.2'],
      ['FreeSWITCH-IPv6', 'fd00::2'],
      ['Event-Date-Local', now.toISOString().slice(0, 19).replace('T', ' ')],
      ['Event-Date-GMT', now.toUTCString()],
      ['Event-Date-Timestamp', String(nowUs)],
      ['Event-Calling-File', 'switch_core.c'],
      ['Event-Calling-Function', 'simulated'],
      ['Event-Calling-Line-Number', '1'],
      ['Event-Sequence', String(this.nextSequence())],
    ];
  }
}
