type Task = () => Promise<unknown> | undefined;

/** Whose thread it is; what concerns no leg ('') waits for nothing and holds up nothing. */
export interface Thread {
  node: string;
  leg: string;
}

/**
 * The threads of FreeSWITCH's sessions: while a leg's CDR is being posted, what the thread does next waits: the other
 * CDR, CHANNEL_HANGUP_COMPLETE, CHANNEL_DESTROY.
 */
export class SessionThreads {
  readonly #waiting = new Map<string, Task[]>();
  readonly #running = new Map<Promise<void>, string>();

  /** Threads that are busy. */
  get busy(): number {
    return this.#running.size;
  }

  /** Runs the task now, or when the leg's earlier ones are done. */
  run({ node, leg }: Thread, task: Task): void {
    const key = `${node} ${leg}`;
    const line = this.#waiting.get(key);
    if (line !== undefined) {
      line.push(task);
      return;
    }
    const work = task();
    if (work === undefined) return;
    if (leg !== '') this.#waiting.set(key, []);
    this.#occupy(node, this.#goOn(key, work));
  }

  /** Resolves when any thread is done; at once when none is busy. */
  async someDone(): Promise<void> {
    if (this.#running.size > 0) await Promise.race(this.#running.keys());
  }

  /** Resolves when no thread is busy, of one node or of all. */
  async allDone(node?: string): Promise<void> {
    for (let busy = this.#of(node); busy.length > 0; busy = this.#of(node)) await Promise.all(busy);
  }

  #of(node: string | undefined): Promise<void>[] {
    return [...this.#running].flatMap(([run, owner]) => (node === undefined || owner === node ? [run] : []));
  }

  #occupy(node: string, work: Promise<void>): void {
    const run = work.finally(() => this.#running.delete(run));
    this.#running.set(run, node);
  }

  async #goOn(key: string, work: Promise<unknown>): Promise<void> {
    await work;
    const line = this.#waiting.get(key) ?? [];
    for (let task = line.shift(); task !== undefined; task = line.shift()) await task();
    this.#waiting.delete(key);
  }
}
