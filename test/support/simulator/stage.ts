import { type Cast, writeBody, writeCdr, writeEvent } from './cast.ts';
import type { CdrPoster } from './cdr-poster.ts';
import type { DirectoryAsker } from './directory-asker.ts';
import type { CoreEnd, CoreStart, RecordedEvent, RecordedRequest } from './recorded-item.ts';
import type { ScriptItem } from './script.ts';
import { SessionThreads } from './session-threads.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Template } from './template.ts';

/** Where the CDRs and questions of a node go. */
export interface Outlets {
  cdr?: CdrPoster | undefined;
  jsonCdr?: CdrPoster | undefined;
  asker?: DirectoryAsker | undefined;
}

/** Performs the items of scripts: events to listeners, CDRs and questions to their URLs, starts and ends of processes. */
export class Stage {
  readonly counts = { events: 0, dropped: 0, questions: 0 };
  /** Ends of processes: `atUs` is when they were due, on the clock. */
  readonly ends: CoreEnd[] = [];
  readonly #threads = new SessionThreads();
  readonly #outlets: ReadonlyMap<string, Outlets>;
  /** A process that is being started or ended; nothing is performed meanwhile. */
  #change: Promise<void> | undefined;

  constructor(outlets: ReadonlyMap<string, Outlets>) {
    this.#outlets = outlets;
  }

  /** Requests under way. */
  get busy(): number {
    return this.#threads.busy;
  }

  someDone(): Promise<void> {
    return this.#threads.someDone();
  }

  allDone(): Promise<void> {
    return this.#threads.allDone();
  }

  /** Resolves when what `perform` began has gone far enough for the next item. */
  async settled(): Promise<void> {
    await this.#change;
    this.#change = undefined;
  }

  perform(item: ScriptItem, cast: Cast): void {
    const node = cast.nodes.get(item.node);
    if (node === undefined) return;
    if (item.kind === 'core-start') this.#change = this.#startCore(item, node, cast);
    else if (item.kind === 'core-end') this.#change = this.#endCore(item, node, cast);
    else this.#inThread(item, node, cast);
  }

  async #startCore({ core, startedUs, version }: CoreStart, node: SimulatedNode, cast: Cast): Promise<void> {
    cast.cores.set(node.switchname, core);
    if (!node.isUp) await node.start({ uuid: core, startedUs: startedUs + cast.rendering.offsetUs, version });
  }

  /**
   * What was posted before the recorded end was answered before it, however fast this is played. But who is killed while
   * time goes on waits for nobody: what is on its way then arrives all the same.
   */
  async #endCore({ how, atUs }: CoreEnd, node: SimulatedNode, cast: Cast): Promise<void> {
    if (how === 'shutdown' || !cast.isLive) await this.#threads.allDone(node.switchname);
    if (!isAlive(node, cast)) return;
    const dueUs = atUs + cast.rendering.offsetUs;
    this.ends.push({ kind: 'core-end', node: node.switchname, how, atUs: dueUs });
    await (how === 'kill' ? node.kill() : node.leave());
  }

  #inThread(
    item: (RecordedEvent | RecordedRequest) & { template: Template },
    node: SimulatedNode,
    cast: Cast,
  ): void {
    const thread = { node: node.switchname, leg: cast.uuidOf(item.uuid) };
    if (item.kind === 'event' && !followsCdr(item)) this.#emit(item, node, cast);
    else if (item.kind === 'event') this.#threads.run(thread, () => this.#emit(item, node, cast));
    else if (item.kind === 'xml-curl') this.#threads.run(thread, () => this.#ask(item, node, cast));
    else this.#threads.run(thread, () => this.#post(item, node, cast));
  }

  #emit(item: RecordedEvent & { template: Template }, node: SimulatedNode, cast: Cast): undefined {
    if (!isAlive(node, cast)) {
      this.counts.dropped += 1;
      return;
    }
    this.counts.events += 1;
    node.emit(writeEvent(item, node, cast));
  }

  #post(
    item: RecordedRequest & { template: Template },
    node: SimulatedNode,
    cast: Cast,
  ): Promise<unknown> | undefined {
    const { cdr, jsonCdr } = this.#outlets.get(node.switchname) ?? {};
    const poster = item.kind === 'cdr' ? cdr : jsonCdr;
    if (poster === undefined || !isAlive(node, cast)) return undefined;
    return poster.deliver(writeCdr(item, cast));
  }

  #ask(
    item: RecordedRequest & { template: Template },
    node: SimulatedNode,
    cast: Cast,
  ): Promise<unknown> | undefined {
    const { asker } = this.#outlets.get(node.switchname) ?? {};
    if (asker === undefined || !isAlive(node, cast)) return undefined;
    this.counts.questions += 1;
    return asker.ask({ node: node.switchname, headers: item.headers, body: writeBody(item, cast) });
  }
}

/** What FreeSWITCH fires only when the CDR is done; the recorded order does not tell, as a listener hears a little late. */
function followsCdr({ name, json }: RecordedEvent): boolean {
  if (name === 'CHANNEL_STATE') return json.includes('"Channel-State":"CS_DESTROY"');
  return name === 'CHANNEL_HANGUP_COMPLETE' || name === 'CHANNEL_DESTROY';
}

/** A killed or restarted node says nothing more of what it was doing. */
function isAlive(node: SimulatedNode, { cores }: Cast): boolean {
  const core = cores.get(node.switchname);
  return node.isUp && (core === undefined || core === node.core.uuid);
}
