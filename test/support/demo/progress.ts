/** A line that tells how far something is: written over in a terminal, else once a second a line of its own. */
export class Progress {
  readonly #line: () => string;
  readonly #timer: NodeJS.Timeout;
  readonly #isTerminal = process.stdout.isTTY;

  constructor(line: () => string) {
    this.#line = line;
    this.#timer = setInterval(() => this.#show(), this.#isTerminal ? 100 : 1000);
  }

  /** Shows the last state, and leaves it. */
  end(): void {
    clearInterval(this.#timer);
    this.#show();
    if (this.#isTerminal) process.stdout.write('\n');
  }

  #show(): void {
    process.stdout.write(this.#isTerminal ? `\r\u001b[K${this.#line()}` : `${this.#line()}\n`);
  }
}
