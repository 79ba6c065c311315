/** A JSON text, a string or UTF-8, that is parsed when somebody asks, and once. */
export class Json {
  #text: string | Buffer | undefined;
  #value: unknown;

  constructor(text: string | Buffer) {
    this.#text = text;
  }

  get value(): unknown {
    if (this.#text !== undefined) {
      this.#value = JSON.parse(this.#text.toString());
      this.#text = undefined;
    }
    return this.#value;
  }
}
