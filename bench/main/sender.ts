import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { within } from '../../test/support/stack/test-server.ts';
import type { Scope } from './scope.ts';

/** What a sending process is asked, and what it answers: one answer a question. */
export type Exchange = Record<string, { asks: unknown; answers: unknown }>;

interface Message {
  question: string;
  content: unknown;
}

const ANSWER_MS = 60_000;

/** A process that makes load. It prepares everything before it is let go, so that making it costs the measured time nothing. */
export class Sender<T extends Exchange> {
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #ended = new AbortController();

  /** Starts a file of this folder; it ends with the scope. */
  constructor(scope: Scope, file: string, args: readonly string[]) {
    this.#file = file;
    this.#child = fork(join(import.meta.dirname, file), args, { serialization: 'advanced' });
    const exited = once(this.#child, 'exit');
    void exited.then(() => this.#ended.abort(new Error(`${file} ended`)));
    scope.after(async () => {
      this.#child.kill();
      await exited;
    });
  }

  /** @throws Error when it ends or says nothing for a minute */
  async ask<K extends keyof T & string>(question: K, content: T[K]['asks']): Promise<T[K]['answers']> {
    this.#child.send({ question, content } satisfies Message);
    const answer = once(this.#child, 'message', { signal: this.#ended.signal });
    const [answered] = await within(ANSWER_MS, `${question} of ${this.#file}`, answer);
    return answered as T[K]['answers'];
  }
}

/** The other end: answers each question by the function of its name. */
export function answerQuestions<T extends Exchange>(
  answers: {
    [K in keyof T]: (content: T[K]['asks']) => Promise<T[K]['answers']> | T[K]['answers'];
  },
): void {
  process.on('message', async ({ question, content }: Message) => {
    process.send?.(await answers[question]?.(content as never));
  });
  process.once('disconnect', () => process.exit());
}
