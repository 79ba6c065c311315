import type { Testing } from '../../test/support/stack/test-database.ts';

/** What a bench started and must end: tests' helpers take it for a test's context. */
export class Scope implements Testing {
  readonly #endings: (() => Promise<void> | void)[] = [];

  after(end: () => Promise<void> | void): void {
    this.#endings.push(end);
  }

  diagnostic(message: string): void {
    process.stderr.write(`${message}\n`);
  }

  /** Ends everything, the newest first. @throws AggregateError of what could not be ended */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const end of this.#endings.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be ended');
  }
}
