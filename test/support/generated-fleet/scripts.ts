import { randomUUID } from 'node:crypto';
import type { Variables } from '../../../libs/records/variables.ts';
import type { ScriptedLeg } from './scripted-leg.ts';
import type { CallSpec, Source } from './spec.ts';

/** Where a call happens: fresh names, so that many fleets share one database. */
export interface Stage {
  baseUs: number;
  nodes: readonly { node: string; core: string }[];
  /** a name that only this fleet has */
  tag: string;
}

const SECOND = 1_000_000;
const RING_US = 900_000;

/** The legs of one call. */
export function legsOf(call: CallSpec, stage: Stage): ScriptedLeg[] {
  return new Script(call, stage).legs();
}

class Script {
  readonly #call: CallSpec;
  readonly #stage: Stage;
  readonly #startUs: number;
  readonly #answerUs: number | null;
  readonly #endUs: number;
  readonly #made: ScriptedLeg[] = [];

  constructor(call: CallSpec, stage: Stage) {
    this.#call = call;
    this.#stage = stage;
    this.#startUs = stage.baseUs + call.startMs * 1_000 + 17 * call.node;
    this.#answerUs = call.isAnswered ? this.#startUs + RING_US : null;
    this.#endUs = this.#startUs + RING_US + call.talkMs * 1_000;
  }

  legs(): ScriptedLeg[] {
    const scripts: Record<CallSpec['kind'], () => void> = {
      echo: () => void this.#inbound(0),
      bridge: () => void this.#bridged(0),
      chain: () => this.#chain(1),
      fork: () => this.#chain(2),
      ring: () => this.#ring(),
      'blind-transfer': () => this.#blindTransfer(),
      'attended-transfer': () => this.#attendedTransfer(),
      conference: () => this.#conference(),
    };
    scripts[this.#call.kind]();
    return this.#made;
  }

  #leg(hop: number, said: Partial<ScriptedLeg> & Pick<ScriptedLeg, 'direction'>): ScriptedLeg {
    const { nodes, tag } = this.#stage;
    const place = nodes[(this.#call.node + hop) % nodes.length];
    if (place === undefined) throw new Error('a fleet has a node');
    const sources = this.#call.sources;
    const leg: ScriptedLeg = {
      uuid: randomUUID(),
      ...place,
      startUs: this.#startUs + hop * 30_000,
      answerUs: this.#answerUs,
      endUs: this.#endUs,
      cause: this.#call.isAnswered ? 'NORMAL_CLEARING' : 'NO_ANSWER',
      callId: this.#callId(),
      caller: `100${this.#call.node}`,
      destination: `${tag.length}00${hop}`,
      source: sources[this.#made.length % sources.length] as Source,
      bridges: [],
      born: {},
      ended: {},
      ...said,
    };
    this.#made.push(leg);
    return leg;
  }

  #callId(): string {
    const { callIdPool } = this.#call;
    return callIdPool === null ? randomUUID() : `${this.#stage.tag}-shared-${callIdPool}`;
  }

  #inbound(hop: number, said: Partial<ScriptedLeg> = {}): ScriptedLeg {
    const { born, ...rest } = said;
    const peer: Variables = { sip_received_ip: '10.9.8.7', max_forwards: String(70 - hop) };
    return this.#leg(hop, { direction: 'inbound', born: { ...peer, ...born }, ...rest });
  }

  #outbound(from: ScriptedLeg, hop: number, said: Partial<ScriptedLeg> = {}): ScriptedLeg {
    const { born, ...rest } = said;
    return this.#leg(hop, {
      direction: 'outbound',
      startUs: from.startUs + 12_000,
      born: { originator: from.uuid, originating_leg_uuid: from.uuid, ...born },
      ...rest,
    });
  }

  /** Two legs of one server, put through to each other when they are answered. */
  #bridged(hop: number, said: Partial<ScriptedLeg> = {}, out: Partial<ScriptedLeg> = {}) {
    const a = this.#inbound(hop, said);
    const b = this.#outbound(a, hop, out);
    if (a.answerUs !== null) a.bridges = [{ atUs: a.answerUs + 1_000, other: b.uuid }];
    return { a, b };
  }

  /** Over servers: by the Call-ID, or masked, by the header; `branches` inbound legs for one outbound one. */
  #chain(branches: number): void {
    const header: Variables = { 'sip_h_X-Call-Correlation-ID': randomUUID() };
    const born = this.#call.isMasked ? header : {};
    const { b } = this.#bridged(0, { born }, { born });
    for (let branch = 0; branch < branches; branch++) {
      const masked = this.#call.isMasked ? {} : { callId: b.callId };
      const lost = branch > 0 ? { answerUs: null, cause: 'LOSE_RACE' } : {};
      this.#bridged(branch + 1, { born, ...masked, ...lost }, lost);
    }
  }

  #ring(): void {
    const { a } = this.#bridged(0);
    for (let loser = 0; loser < 2; loser++) {
      const endUs = this.#answerUs ?? this.#endUs;
      this.#outbound(a, 0, { answerUs: null, endUs, cause: 'LOSE_RACE' });
    }
  }

  #blindTransfer(): void {
    const { a, b } = this.#bridged(0);
    const atUs = a.startUs + RING_US + Math.floor(this.#call.talkMs / 2) * 1_000;
    const c = this.#outbound(b, 0, { startUs: atUs, answerUs: this.#answerUs === null ? null : atUs + 500 });
    a.endUs = Math.min(a.endUs, atUs);
    b.ended = { transfer_history: [`${Math.floor(atUs / SECOND)}:x:bl_xfer:1003/default/XML`] };
    c.endUs = Math.max(c.endUs, atUs + 1_000);
  }

  #attendedTransfer(): void {
    const first = this.#bridged(0);
    const second = this.#bridged(0, { startUs: first.a.startUs + 200_000 });
    const [survivor, other] = [first.a, second.b];
    const at = Math.floor(survivor.startUs / SECOND);
    survivor.ended = { transfer_history: [`${at}:x:uuid_br:${other.uuid}`] };
    other.ended = { transfer_history: [`${at}:y:uuid_br:${survivor.uuid}`] };
    second.a.ended = { refer_uuid: first.b.uuid, transfer_disposition: 'replaced' };
  }

  /** Members share nothing but its name: calls of their own. */
  #conference(): void {
    const ended = { conference_name: `${this.#stage.tag}-room` };
    for (let hop = 0; hop < 3; hop++) this.#inbound(hop, { ended });
  }
}
