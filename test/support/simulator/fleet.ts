import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../../libs/clock/clock.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { type Stoppable, stopAll } from '../../../libs/lifecycle/stoppable.ts';
import { CdrLedger } from './cdr-ledger.ts';
import { CdrPoster } from './cdr-poster.ts';
import { type Answer, DirectoryAsker } from './directory-asker.ts';
import { type FleetOptions, forNode, type NodePlan, nodePlans } from './fleet-options.ts';
import { Load, type LoadOptions } from './load.ts';
import { actOf, Player } from './player.ts';
import type { CoreEnd } from './recorded-item.ts';
import { type Rehearsal, type RehearsalOptions, rehearse } from './rehearsal.ts';
import { type ReplayOptions, replayTake } from './replay.ts';
import { SimulatedNode } from './simulated-node.ts';
import { type Outlets, Stage } from './stage.ts';

/** A replay or a load that runs. */
export interface Playing extends Stoppable {
  /** Resolves when the last item is played and the last request is answered, spooled or lost. */
  readonly finished: Promise<void>;
  /** Calls begun so far (load only). */
  readonly calls: number;
  /** How late the simulator was at worst, µs of the clock. */
  readonly maxLagUs: number;
}

/** Several fake FreeSWITCH nodes that play recorded traffic together. */
export class Fleet implements Stoppable {
  readonly nodes: readonly SimulatedNode[];
  readonly ledger = new CdrLedger();
  readonly #options: FleetOptions & { clock: ReturnType<typeof createClock> };
  readonly #plans: readonly NodePlan[];
  readonly #outlets: ReadonlyMap<string, Outlets>;
  readonly #stage: Stage;
  readonly #playing = new Set<Playing>();

  constructor(options: FleetOptions) {
    this.#options = { ...options, clock: options.clock ?? createClock() };
    this.#plans = nodePlans(options);
    this.nodes = this.#plans.map((plan) => this.#toNode(plan));
    this.#outlets = new Map(this.nodes.map(({ switchname }) => [switchname, this.#toOutlets(switchname)]));
    this.#stage = new Stage(this.#outlets);
  }

  /** @throws CodedError `node-unknown` */
  node(switchname: string): SimulatedNode {
    const node = this.nodes.find((candidate) => candidate.switchname === switchname);
    if (node === undefined) throw new CodedError('node-unknown', `no node ${switchname} in this fleet`);
    return node;
  }

  /** Answers to the questions of mod_xml_curl, of all nodes. */
  get answers(): readonly Answer[] {
    return [...this.#outlets.values()].flatMap(({ asker }) => asker?.answers ?? []);
  }

  /** Everything that is counted: events played and delivered, CDRs, questions. */
  get counts() {
    const sums = { delivered: 0, lost: 0, answered: 0, notFound: 0, failedQuestions: 0 };
    for (const { counts } of this.nodes) {
      sums.delivered += counts.sent;
      sums.lost += counts.lost;
    }
    for (const { asker } of this.#outlets.values()) {
      sums.answered += asker?.counts.answered ?? 0;
      sums.notFound += asker?.counts.notFound ?? 0;
      sums.failedQuestions += asker?.counts.failed ?? 0;
    }
    return { ...this.#stage.counts, ...sums, cdrs: { ...this.ledger.counts } };
  }

  /** Which processes ended in a replay, and when that was due (µs of the clock). */
  get ends(): readonly CoreEnd[] {
    return this.#stage.ends;
  }

  async start(): Promise<void> {
    for (const node of this.nodes) await node.start(this.#firstCoreOf(node.switchname));
  }

  /** Resolves when every node has so many clients that listen to events. @throws CodedError `no-subscriber` */
  async subscribed({ perNode = 1, timeoutMs = 30_000 } = {}): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const alone = this.nodes.filter(({ subscribers }) => subscribers < perNode);
      if (alone.length === 0) return;
      if (performance.now() > deadline) {
        const names = alone.map(({ switchname }) => switchname).join(', ');
        throw new CodedError('no-subscriber', `nobody listens to ${names} after ${timeoutMs} ms`);
      }
      await sleep(20);
    }
  }

  /** Plays the whole recording once, on the nodes of the same names. */
  replay(options: ReplayOptions = {}): Playing {
    const { recording, clock } = this.#options;
    const nodes = new Map(this.nodes.map((node) => [node.switchname, node]));
    const take = replayTake({ recording, nodes, clock }, options);
    return this.#play(take.speed === Number.POSITIVE_INFINITY, (player) => {
      player.agenda.add(actOf(take, this.#stage));
      return undefined;
    });
  }

  /** Clones recorded calls at the given rate. @throws CodedError `nothing-to-clone` */
  load(options: LoadOptions): Playing {
    const load = this.#makeLoad(options.only);
    return this.#play(false, (player) => {
      player.agenda.add(load.arrivals(options, (take) => player.agenda.add(actOf(take, this.#stage))));
      return load;
    });
  }

  /** Writes clones in advance instead of playing them. @throws CodedError `nothing-to-clone` */
  rehearse({ only, ...options }: RehearsalOptions & Pick<LoadOptions, 'only'>): Rehearsal {
    return rehearse(this.#makeLoad(only), options);
  }

  /** Ends what is playing and every node. */
  async stop(): Promise<void> {
    await stopAll([...this.nodes, ...this.#playing]);
  }

  #makeLoad(only: LoadOptions['only']): Load {
    const { recording, clock, seed = randomUUID() } = this.#options;
    return new Load({ recording, clock, seed, nodes: this.nodes, plans: this.#plans }, only);
  }

  #play(patient: boolean, fill: (player: Player) => Load | undefined): Playing {
    const { clock } = this.#options;
    const abort = new AbortController();
    const player = new Player({
      stage: this.#stage,
      clock,
      nodes: this.nodes,
      patient,
      signal: abort.signal,
    });
    const load = fill(player);
    const finished = player.run().finally(() => this.#playing.delete(playing));
    const playing: Playing = {
      finished,
      get calls() {
        return load?.calls ?? 0;
      },
      get maxLagUs() {
        return player.maxLagUs;
      },
      stop: async () => {
        abort.abort();
        await finished;
      },
    };
    this.#playing.add(playing);
    return playing;
  }

  #toNode({ switchname, hostname = 'vm', host = '127.0.0.1', port = 0, password }: NodePlan): SimulatedNode {
    const { clock, limits, sessionLimits, heartbeatMs } = this.#options;
    const secret = password ?? this.#options.password ?? 'ClueCon';
    return new SimulatedNode({
      ...{ switchname, hostname, host, port, password: secret, clock, limits, sessionLimits },
      heartbeatMs: heartbeatMs ?? 0,
    });
  }

  #toOutlets(switchname: string): Outlets {
    const { cdr, jsonCdr, directory, clock } = this.#options;
    const [xml, json] = [forNode(cdr, switchname), forNode(jsonCdr, switchname)];
    const binding = forNode(directory, switchname);
    return {
      cdr: xml && new CdrPoster(xml, this.ledger, clock),
      jsonCdr: json && new CdrPoster(json, this.ledger, clock),
      asker: binding && new DirectoryAsker(binding),
    };
  }

  /** A replay goes on with the recorded core, which was up for as long before it as it was in the recording. */
  #firstCoreOf(switchname: string): { uuid: string; startedUs: number; version: string } | undefined {
    const { recording, clock, cores = 'recorded' } = this.#options;
    if (cores === 'fresh') return undefined;
    const item = recording.items.find(({ kind, node }) => kind === 'core-start' && node === switchname);
    if (item?.kind !== 'core-start') return undefined;
    const { core, startedUs, version } = item;
    return { uuid: core, startedUs: clock.nowUs() - (item.atUs - startedUs), version };
  }
}

/** Starts the nodes of a fleet; nothing is played yet. `heartbeatMs` is for load: a replay sends the recorded ones. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = new Fleet(options);
  await fleet.start();
  return fleet;
}
