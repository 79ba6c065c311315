import type { Clock } from '../../../libs/clock/clock.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Act } from './agenda.ts';
import { identitiesOf } from './call-identities.ts';
import type { NodePlan } from './fleet-options.ts';
import { type Identity, IdentityTable } from './identity.ts';
import type { Take } from './player.ts';
import { type RecordedCall, recordedCalls } from './recorded-call.ts';
import type { Recording } from './recording.ts';
import { callScript, type Script } from './script.ts';
import type { SimulatedNode } from './simulated-node.ts';

export interface LoadOptions {
  /** Calls begun a second of the clock, evenly. */
  cps: number;
  /** For how long calls are begun; those that have begun are played to their end. */
  seconds: number;
  /** Which recorded calls to clone, in turn: all that fit the number of nodes by default. */
  only?: ((call: RecordedCall) => boolean) | undefined;
}

/** A call that can be cloned. */
interface Original {
  call: RecordedCall;
  script: Script;
  table: IdentityTable;
}

interface LoadStage {
  recording: Recording;
  nodes: readonly SimulatedNode[];
  plans: readonly NodePlan[];
  clock: Clock;
  seed: string;
}

const SECOND_US = 1_000_000;

/** Clones recorded calls at an even rate, over the nodes in turn. */
export class Load {
  calls = 0;
  legs = 0;
  readonly #stage: LoadStage;
  readonly #originals: readonly Original[];

  /** @throws CodedError `nothing-to-clone` when no recorded call fits */
  constructor(stage: LoadStage, only: (call: RecordedCall) => boolean = () => true) {
    this.#stage = stage;
    const { recording, nodes } = stage;
    const fitting = recordedCalls(recording).filter(
      (call) => call.nodes.length <= nodes.length && only(call),
    );
    if (fitting.length === 0) throw new CodedError('nothing-to-clone', `${recording.name} has no such call`);
    this.#originals = fitting.map((call) => {
      const table = new IdentityTable(identitiesOf(call, recording));
      return { call, table, script: callScript(call, table, recording.window) };
    });
  }

  /** Begins calls, one after the other, by handing each to `begin`. */
  arrivals({ cps, seconds }: LoadOptions, begin: (take: Take) => void): Act {
    const startUs = this.#stage.clock.nowUs();
    const total = Math.round(cps * seconds);
    const dueUs = (number: number) => startUs + (number * SECOND_US) / cps;
    return {
      dueUs: startUs,
      act: () => {
        begin(this.clone(dueUs(this.calls)));
        return this.calls < total ? dueUs(this.calls) : undefined;
      },
    };
  }

  /**
   * The next clone. Its times are shifted by whole seconds, so they lie up to a second before the moment at which they
   * are sent, as if the network were that slow.
   */
  clone(startUs: number): Take {
    const number = this.calls;
    const original = this.#originals[number % this.#originals.length];
    if (original === undefined) throw new CodedError('nothing-to-clone', 'no recorded call');
    const { call, script, table } = original;
    this.calls += 1;
    const players = this.#playersOf(call, number);
    const identities = table.renew(`${this.#stage.seed} ${number}`, (identity) =>
      this.#fixed(identity, players),
    );
    const offsetUs = Math.floor((startUs - script.startUs) / SECOND_US) * SECOND_US;
    this.legs += call.legs.length;
    const nodes = new Map([...players].map(([recorded, player]) => [recorded, player.node]));
    const cores = new Map([...players.values()].map(({ node }) => [node.switchname, node.core.uuid]));
    const uuidOf = (uuid: string) => identities[table.placeOf(uuid)] ?? uuid;
    const cast = { rendering: { offsetUs, identities }, nodes, cores, uuidOf, renumbers: true, isLive: true };
    return { script, cast, startUs, speed: 1 };
  }

  /** Recorded switchname → the node that plays it: different ones for different ones, another first one each time. */
  #playersOf(call: RecordedCall, number: number): Map<string, { node: SimulatedNode; plan: NodePlan }> {
    const { nodes, plans } = this.#stage;
    return new Map(
      call.nodes.flatMap((recorded, at) => {
        const index = (number + at) % nodes.length;
        const [node, plan] = [nodes[index], plans[index]];
        return node === undefined || plan === undefined ? [] : [[recorded, { node, plan }] as const];
      }),
    );
  }

  #fixed(
    { kind, recorded }: Identity,
    players: ReadonlyMap<string, { node: SimulatedNode; plan: NodePlan }>,
  ): string {
    const { recording } = this.#stage;
    const name = recording.nodes.find(
      ({ switchname, address }) => recorded === switchname || recorded === address,
    );
    const core = recording.items.find((item) => item.kind === 'core-start' && item.core === recorded);
    const player = players.get(name?.switchname ?? core?.node ?? '');
    if (player === undefined) return recorded;
    if (kind === 'core') return player.node.core.uuid;
    return kind === 'address' ? (player.plan.address ?? recorded) : player.node.switchname;
  }
}
