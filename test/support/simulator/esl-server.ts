import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type EslHost, EslSession } from './esl-session.ts';
import type { SimulatedEvent } from './simulated-event.ts';

/** mod_event_socket of one node: listens, and passes events to the clients that want them. */
export class EslServer {
  /** Events of sessions that are gone; see `counts`. */
  #past = { sent: 0, lost: 0, sessions: 0 };
  readonly #host: EslHost;
  readonly #sessions = new Set<EslSession>();
  #server: Server | undefined;
  #stalled = false;

  constructor(host: EslHost) {
    this.#host = host;
  }

  /** Resolves with the port that is listened on. @throws the listen error (EADDRINUSE…) */
  async listen(host: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      const session = new EslSession(socket, this.#host, this.#stalled);
      this.#sessions.add(session);
      socket.once('close', () => this.#forget(session));
    });
    server.listen({ host, port });
    await once(server, 'listening');
    this.#server = server;
    return (server.address() as AddressInfo).port;
  }

  get sessions(): readonly EslSession[] {
    return [...this.#sessions];
  }

  /** Sessions that logged in and asked for events. */
  get subscribers(): number {
    return this.sessions.filter(({ subscription }) => subscription.isListening).length;
  }

  /** Events and replies written, events lost because a reader was slow, sessions ever. */
  get counts(): { sent: number; lost: number; sessions: number } {
    const totals = { ...this.#past, sessions: this.#past.sessions + this.#sessions.size };
    for (const { queue } of this.#sessions) {
      totals.sent += queue.sent;
      totals.lost += queue.lost;
    }
    return totals;
  }

  /** The longest queue of any listener. */
  get backlog(): number {
    return Math.max(0, ...this.sessions.map(({ queue }) => queue.waiting));
  }

  emit(event: SimulatedEvent): void {
    for (const session of this.#sessions) session.offer(event);
  }

  stall(): void {
    this.#stalled = true;
    for (const session of this.#sessions) session.stall();
  }

  resume(): void {
    this.#stalled = false;
    for (const session of this.#sessions) session.resume();
  }

  /** Ends every session without a word, and goes on listening. */
  disconnect(): void {
    for (const session of this.#sessions) session.kill();
  }

  /** Ends every session in the given way and listens no more. Resolves when the port is free. */
  async close(how: 'shutdown' | 'kill' | 'reset'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#stalled = false;
    for (const session of this.#sessions) session[how]();
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #forget(session: EslSession): void {
    this.#sessions.delete(session);
    this.#past.sessions += 1;
    this.#past.sent += session.queue.sent;
    this.#past.lost += session.queue.lost;
  }
}
