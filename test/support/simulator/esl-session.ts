import type { Socket } from 'node:net';
import { CommandReader, type EslCommand } from './command-reader.ts';
import { apiResponse, commandReply, disconnectNotice } from './esl-frame.ts';
import { ListenerQueue, type QueueLimits } from './listener-queue.ts';
import type { SimulatedEvent } from './simulated-event.ts';
import { Subscription } from './subscription.ts';

/** What a session needs of its node. */
export interface EslHost {
  readonly password: string;
  readonly limits: QueueLimits;
  /** Answers `api COMMAND`; '' stands for no reply. */
  api(command: string): string;
  /** Runs `bgapi COMMAND`; its result comes as a BACKGROUND_JOB event. */
  background(command: string, jobUuid: string | undefined): string;
}

const GOODBYE = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
const SHUTTING_DOWN = 'The system is being shut down.\n';

/** One client of mod_event_socket (inbound mode): its login, subscription, filters and queue. */
export class EslSession {
  readonly queue: ListenerQueue;
  readonly subscription = new Subscription();
  readonly #socket: Socket;
  readonly #host: EslHost;
  readonly #reader = new CommandReader();
  #authenticated = false;
  #closing = false;

  /** @param stalled nothing is read or written, not even the greeting, until `resume` */
  constructor(socket: Socket, host: EslHost, stalled = false) {
    this.#socket = socket;
    this.#host = host;
    this.queue = new ListenerQueue(socket, host.limits, () => this.kill());
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => this.#receive(String(chunk)));
    socket.on('error', () => socket.destroy());
    if (stalled) this.stall();
    this.queue.reply('Content-Type: auth/request\n\n');
  }

  get isAuthenticated(): boolean {
    return this.#authenticated;
  }

  /** Sends the event when the listener wants it. */
  offer(event: SimulatedEvent): void {
    if (this.#closing || !this.subscription.wants(event)) return;
    this.queue.event(event.frame(this.subscription.format));
  }

  /** As a graceful shutdown of FreeSWITCH: a notice, then FIN. */
  shutdown(): void {
    this.#leave(SHUTTING_DOWN);
  }

  /** As kill -9: the kernel closes the socket, and nothing is said. */
  kill(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  /** A TCP reset. */
  reset(): void {
    this.#closing = true;
    this.#socket.resetAndDestroy();
  }

  /** Neither reads nor writes until `resume`; events queue up meanwhile. */
  stall(): void {
    this.#socket.pause();
    this.queue.stall();
  }

  resume(): void {
    this.#socket.resume();
    this.queue.resume();
  }

  #receive(chunk: string): void {
    try {
      for (const command of this.#reader.read(chunk)) {
        if (this.#closing) return;
        this.#answer(command);
      }
    } catch {
      this.kill();
    }
  }

  #answer(command: EslCommand): void {
    const [, verb = '', rest = ''] = /^\s*(\S*)\s?(.*)$/s.exec(command.line) ?? [];
    const name = verb.toLowerCase();
    if (name === 'exit' || name === '...') this.#leaveAfter('+OK bye');
    else if (!this.#authenticated) this.#logIn(name, rest);
    else if (name === 'api') this.queue.reply(apiResponse(this.#host.api(rest) || '-ERR no reply\n'));
    else this.queue.reply(this.#run(name, rest, command));
  }

  #logIn(verb: string, password: string): void {
    if (verb === 'auth' && password !== this.#host.password) {
      this.#leaveAfter('-ERR invalid');
    } else {
      this.#authenticated = verb === 'auth';
      this.queue.reply(commandReply(this.#authenticated ? '+OK accepted' : '-ERR command not found'));
    }
  }

  #run(verb: string, rest: string, { headers }: EslCommand): string {
    switch (verb) {
      case 'event':
        return commandReply(this.subscription.event(rest));
      case 'nixevent':
        return commandReply(this.subscription.nixEvent(rest));
      case 'noevents':
        this.queue.clear();
        return commandReply(this.subscription.noEvents());
      case 'filter':
        return commandReply(this.subscription.filter.command(rest));
      case 'bgapi': {
        const job = this.#host.background(rest, headers.get('job-uuid'));
        return `Content-Type: command/reply\nReply-Text: +OK Job-UUID: ${job}\nJob-UUID: ${job}\n\n`;
      }
      case 'linger':
      case 'nolinger':
        return commandReply('-ERR not controlling a session');
      case 'nolog':
        return commandReply('-ERR not loging');
      default:
        return commandReply('-ERR command not found');
    }
  }

  #leaveAfter(reply: string): void {
    this.queue.reply(commandReply(reply));
    this.#leave(GOODBYE);
  }

  /** Everything queued goes out before the FIN; a reader that takes nothing for 5 s is cut off. */
  #leave(text: string): void {
    this.#closing = true;
    this.queue.reply(disconnectNotice(text));
    const end = () => (this.queue.waiting === 0 ? this.#socket.end() : this.#socket.once('drain', end));
    end();
    const cutOff = setTimeout(() => this.#socket.destroy(), 5_000);
    this.#socket.once('close', () => clearTimeout(cutOff));
  }
}
