/** A JSON text, a string or UTF-8, that is parsed when somebody asks, and once. */
export class Json {
  #text: string | Buffer | undefined;
  #value: unknown;

  constructor(text: string | Buffer) {
    this.#text = text;
  }

  /** The value; of what is no JSON its text, which is no record of any topic: a subscriber can tell, and its partition goes on. */
  get value(): unknown {
    if (this.#text !== undefined) {
      this.#value = parsed(this.#text.toString());
      this.#text = undefined;
    }
    return this.#value;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
