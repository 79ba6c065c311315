/** A JSON text that is parsed when somebody asks, and once. */
export class Json {
  #text: string | undefined;
  #value: unknown;

  constructor(text: string) {
    this.#text = text;
  }

  get value(): unknown {
    if (this.#text !== undefined) {
      this.#value = JSON.parse(this.#text);
      this.#text = undefined;
    }
    return this.#value;
  }
}
