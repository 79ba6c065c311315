import { EventFilter } from './event-filter.ts';
import { EVENT_NAMES } from './event-names.ts';
import type { EventFormat, SimulatedEvent } from './simulated-event.ts';

/** What one listener wants to hear, changed by `event`, `nixevent`, `noevents` and `filter`, each answered as FreeSWITCH answers. */
export class Subscription {
  format: EventFormat = 'plain';
  readonly filter = new EventFilter();
  #listening = false;
  readonly #names = new Set<string>();
  readonly #subclasses = new Set<string>();

  get isListening(): boolean {
    return this.#listening;
  }

  wants(event: SimulatedEvent): boolean {
    if (!this.#listening || !this.#hears(event)) return false;
    return this.filter.passes(event);
  }

  /** `event [plain|json] NAME… [CUSTOM subclass…]` */
  event(argumentText: string): string {
    const words = wordsOf(argumentText);
    const format = words[0]?.toLowerCase();
    if (format === 'xml') return '-ERR xml is not simulated';
    if (format === 'json' || format === 'plain') {
      this.format = format;
      words.shift();
    }
    const names = this.#sort(words, {
      name: (name) => this.#add(name),
      subclass: (word) => this.#subclasses.add(word),
    });
    if (names === 0) return '-ERR no keywords supplied';
    this.#listening = true;
    return `+OK event listener enabled ${this.format}`;
  }

  nixEvent(argumentText: string): string {
    const names = this.#sort(wordsOf(argumentText), {
      name: (name) => this.#remove(name),
      subclass: (word) => this.#subclasses.delete(word),
    });
    if (names === 0) return '-ERR no keywords supplied';
    this.#listening = true;
    return '+OK events nixed';
  }

  noEvents(): string {
    if (!this.#listening) return '-ERR not listening for events';
    this.#listening = false;
    this.#names.clear();
    this.#subclasses.clear();
    return '+OK no longer listening for events';
  }

  #hears({ name, subclass }: SimulatedEvent): boolean {
    if (this.#names.has('ALL')) return true;
    if (!this.#names.has(name)) return false;
    return name !== 'CUSTOM' || subclass === '' || this.#subclasses.has(subclass);
  }

  /** Words after CUSTOM are subclasses. @returns how many were understood */
  #sort(words: readonly string[], take: { name(name: string): void; subclass(word: string): void }): number {
    let understood = 0;
    let custom = false;
    for (const word of words) {
      const name = word.toUpperCase().replace(/^SWITCH_EVENT_/, '');
      if (custom) take.subclass(word);
      else if (!EVENT_NAMES.has(name)) continue;
      else take.name(name);
      understood += 1;
      custom ||= name === 'CUSTOM';
    }
    return understood;
  }

  #add(name: string): void {
    this.#names.add(name);
  }

  /** Taking one name away from ALL leaves all the others. */
  #remove(name: string): void {
    if (name === 'ALL') this.#names.clear();
    else if (this.#names.delete('ALL'))
      for (const other of EVENT_NAMES) if (other !== 'ALL') this.#names.add(other);
    this.#names.delete(name);
  }
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
