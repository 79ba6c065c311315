import { TOPICS } from '../../libs/records/topics.ts';
import type { NodeJournal } from './node-journal.ts';
import type { NodeMemory } from './node-memory.ts';
import type { Outbox } from './outbox.ts';

export interface NodeCoreOptions {
  /** switchname */
  node: string;
  journal: NodeJournal;
  memory: NodeMemory;
  outbox: Outbox;
  /** now, in the node's clock, and the time of writing */
  moment: () => { at_us: number; received_us: number };
}

/** The core that a node runs, one for each start of FreeSWITCH: tells of each change, and remembers it when that is durable. */
export class NodeCore {
  readonly #options: NodeCoreOptions;
  #uuid: string | null = null;

  constructor(options: NodeCoreOptions) {
    this.#options = options;
  }

  /** Null: the node was never reached. */
  get uuid(): string | null {
    return this.#uuid;
  }

  /** Meets the core that the node runs now. @returns whether it took the place of another */
  async meet(uuid: string): Promise<boolean> {
    const before = await this.#options.memory.meetCore(this.#options.node, uuid);
    this.#uuid = uuid;
    void this.#tell(before, uuid);
    return before !== undefined;
  }

  /** Remembers the core when it is durable what it took the place of. */
  async #tell(before: string | undefined, uuid: string): Promise<void> {
    const { node, journal, memory, outbox, moment } = this.#options;
    if (before !== undefined)
      journal.node({ kind: 'core-changed', old_core_uuid: before, core_uuid: uuid, ...moment() });
    await outbox.durable(TOPICS.nodeEvents);
    const missed = await memory.keepCore(node, uuid);
    // meanwhile it may run another one
    if (missed !== undefined) await this.#tell(missed, this.#uuid ?? uuid);
  }
}
