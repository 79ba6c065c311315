/** What a recorded text becomes this time. */
export interface Rendering {
  /** Added to every time: microseconds, a whole number of seconds, so that µs, seconds and dates go on agreeing. */
  offsetUs: number;
  /** New value of each identity, by its place in the call's IdentityTable. */
  identities?: readonly string[];
  /** The Event-Sequence that its node gave it; without it the recorded one stays. */
  sequence?: number;
}

/** A place in a recorded text that is written anew each time. */
export interface Slot {
  index: number;
  length: number;
  render(rendering: Rendering): string;
}

/** A recorded text, cut once at its slots so that writing it again is only concatenation. */
export class Template {
  readonly #parts: (string | Slot)[] = [];

  constructor(text: string, slots: readonly Slot[]) {
    let position = 0;
    for (const slot of slots.toSorted((a, b) => a.index - b.index || b.length - a.length)) {
      if (slot.index < position) continue;
      this.#parts.push(text.slice(position, slot.index), slot);
      position = slot.index + slot.length;
    }
    this.#parts.push(text.slice(position));
  }

  render(rendering: Rendering): string {
    let text = '';
    for (const part of this.#parts) text += typeof part === 'string' ? part : part.render(rendering);
    return text;
  }
}
