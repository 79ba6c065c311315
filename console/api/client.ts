import type { Access } from './contract.ts';
import { Problem, readProblem } from './problem.ts';
import type { Session } from './shapes.ts';

const PATIENCE_MS = 40_000;
/** A page asks for several reports at once, and colleagues do, too: they take turns, and some are asked to come again. */
const BUSY = 'searches-busy';
const BUSY_MS = 1_000;

export interface Question {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** instead of JSON */
  text?: { type: string; content: string };
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** how long an answer is waited for, ms */
  patienceMs?: number;
}

/** Asks the api as who is signed in. The session is a cookie that no script sees; changes carry its CSRF token. */
export class Api {
  #csrfToken: string | undefined;
  /** called when the session is over */
  onSignedOut: () => void = () => undefined;

  /** The JSON of an answer. @throws Problem; AbortError when `signal` says so */
  async ask<T>(path: string, question: Question = {}): Promise<T> {
    const answer = await this.send(path, question);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** The text of an answer, as it is. @throws Problem */
  async askText(path: string, question: Question = {}): Promise<string> {
    return await (await this.send(path, question)).text();
  }

  /** Asks until it is its turn. @throws Problem when the answer is none of success */
  async send(path: string, { signal, patienceMs = PATIENCE_MS, ...question }: Question): Promise<Response> {
    const limit = AbortSignal.timeout(patienceMs);
    const givesUp = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    for (;;) {
      try {
        return await this.#send(path, { ...question, signal: givesUp });
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== BUSY) throw error;
        await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      }
    }
  }

  async #send(
    path: string,
    { method = 'GET', body, text, headers = {}, signal }: Question,
  ): Promise<Response> {
    const content =
      text ?? (body === undefined ? undefined : { type: 'application/json', content: JSON.stringify(body) });
    const answer = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        ...headers,
        ...(content === undefined ? {} : { 'content-type': content.type }),
        ...(method === 'GET' || this.#csrfToken === undefined ? {} : { 'x-csrf-token': this.#csrfToken }),
      },
      body: content?.content ?? null,
      signal: signal ?? null,
    });
    if (answer.ok) return answer;
    const problem = readProblem(answer.status, await answer.text());
    if (answer.status === 401 && path.startsWith('/v1/')) this.onSignedOut();
    throw problem;
  }

  /** Who is signed in; undefined when nobody is. @throws Problem */
  async whoIsThere(): Promise<Access | undefined> {
    const session = await this.ask<Session | undefined>('/console/session');
    if (session === undefined) return undefined;
    this.#accept(session);
    return await this.ask<Access>('/v1/access');
  }

  /** Signs in by a token, or by the secret of a link. @throws Problem */
  async signIn(by: { token: string } | { link: string }): Promise<Access> {
    this.#accept(await this.ask<Session>('/console/session', { method: 'POST', body: by }));
    return await this.ask<Access>('/v1/access');
  }

  async signOut(): Promise<void> {
    await this.ask<void>('/console/session', { method: 'DELETE' });
    this.#csrfToken = undefined;
  }

  #accept({ csrf_token }: Session): void {
    if (typeof csrf_token !== 'string') throw new Problem(0, 'answer-unreadable', 'the session has no token');
    this.#csrfToken = csrf_token;
  }
}
