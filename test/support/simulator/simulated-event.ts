import { eventFrame } from './esl-frame.ts';
import { type EventHeader, readJsonEvent, writeJsonEvent, writePlainEvent } from './event-text.ts';

export type EventFormat = 'json' | 'plain';

/** An event on its way to the listeners of a node. Its forms are made when a listener wants them, and once. */
export class SimulatedEvent {
  readonly name: string;
  readonly subclass: string;
  /** Unique-ID, or ''. */
  readonly uuid: string;
  readonly #write: () => string;
  #json: string | undefined;
  readonly #frames: Partial<Record<EventFormat, string>> = {};
  #headers: Record<string, string> | undefined;

  /** `write` gives the event as JSON; most events are heard by nobody, and are never written. */
  constructor(event: { name: string; subclass: string; uuid: string; write: () => string }) {
    this.name = event.name;
    this.subclass = event.subclass;
    this.uuid = event.uuid;
    this.#write = event.write;
  }

  /** The event as JSON, a binary string. */
  get json(): string {
    this.#json ??= this.#write();
    return this.#json;
  }

  /** Makes an event from its headers, which name it. */
  static of(headers: readonly EventHeader[]): SimulatedEvent {
    const find = (wanted: string) => String(headers.find(([name]) => name === wanted)?.[1] ?? '');
    return new SimulatedEvent({
      name: find('Event-Name'),
      subclass: find('Event-Subclass'),
      uuid: find('Unique-ID'),
      write: () => writeJsonEvent(headers),
    });
  }

  /** Headers by name; of a name that occurs twice, the last. */
  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= JSON.parse(this.json) as Record<string, string>;
    return this.#headers;
  }

  /** The bytes for a listener, as a binary string. */
  frame(format: EventFormat): string {
    const made = this.#frames[format];
    if (made !== undefined) return made;
    const body = format === 'json' ? this.json : writePlainEvent(readJsonEvent(this.json));
    const frame = eventFrame(format, body);
    this.#frames[format] = frame;
    return frame;
  }
}
