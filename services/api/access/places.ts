/** Gives a place back; again, it does nothing. */
export type Leave = () => void;

export interface PlacesOptions {
  /** of all */
  most: number;
  /** of one tenant's tokens together: what is left is for the others. The whole fleet's tokens may take all */
  mostOfTenant: number;
  /** who may wait: of one tenant, or of the whole fleet's tokens */
  mostWaiting?: number;
}

/** Undefined: a token of the whole fleet. */
type Owner = string | undefined;

interface Waiting {
  owner: Owner;
  enter: (leave: Leave) => void;
}

/** Places that all who ask the api share: no tenant can keep the others out. */
export class Places {
  readonly #options: Required<PlacesOptions>;
  readonly #taken = new Map<Owner, number>();
  readonly #waiting = new Set<Waiting>();
  #all = 0;

  constructor(options: PlacesOptions) {
    this.#options = { mostWaiting: 0, ...options };
  }

  get taken(): number {
    return this.#all;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Undefined: there is no place for this tenant just now. */
  enter(tenant: Owner): Leave | undefined {
    return this.#isFree(tenant) ? this.#take(tenant) : undefined;
  }

  /** Waits for a place, whoever came first before. Undefined: too many of this tenant wait already. @throws the signal's reason */
  async wait(tenant: Owner, signal: AbortSignal): Promise<Leave | undefined> {
    signal.throwIfAborted();
    const leave = this.enter(tenant);
    if (leave !== undefined || this.#waitingOf(tenant) >= this.#options.mostWaiting) return leave;
    const { promise, resolve: enter, reject } = Promise.withResolvers<Leave>();
    const waiting = { owner: tenant, enter };
    const giveUp = () => {
      this.#waiting.delete(waiting);
      reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', giveUp, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  #isFree(owner: Owner): boolean {
    const { most, mostOfTenant } = this.#options;
    return this.#all < most && (owner === undefined || (this.#taken.get(owner) ?? 0) < mostOfTenant);
  }

  #waitingOf(owner: Owner): number {
    return [...this.#waiting].filter((waiting) => waiting.owner === owner).length;
  }

  #take(owner: Owner): Leave {
    this.#add(owner, 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#add(owner, -1);
      this.#admit();
    };
  }

  #add(owner: Owner, places: number): void {
    this.#all += places;
    const taken = (this.#taken.get(owner) ?? 0) + places;
    if (taken === 0) this.#taken.delete(owner);
    else this.#taken.set(owner, taken);
  }

  /** Who waits for its own tenant's places holds nobody else up. */
  #admit(): void {
    for (const waiting of this.#waiting) {
      if (!this.#isFree(waiting.owner)) continue;
      this.#waiting.delete(waiting);
      waiting.enter(this.#take(waiting.owner));
    }
  }
}
