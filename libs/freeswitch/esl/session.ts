import { CodedError, messageOf } from '../../errors/coded-error.ts';
import type { RawEvent } from '../event/channel-event.ts';
import { type EventReader, readWholeEvent } from '../event/read-event.ts';
import { EslConnection } from './connection.ts';

export interface SessionLimits {
  /** TCP connect, milliseconds of real time, as all of these: a server answers no faster in a replay */
  connectMs: number;
  /** from connected to logged in */
  loginMs: number;
  /** one command, unless it names its own */
  commandMs: number;
  /** commands that may wait for their replies at once */
  pendingCommands: number;
  /** after this much silence TCP itself asks whether the other end is there */
  keepAliveMs: number;
}

export const SESSION_LIMITS: SessionLimits = {
  connectMs: 5_000,
  loginMs: 5_000,
  commandMs: 10_000,
  pendingCommands: 256,
  keepAliveMs: 10_000,
};

export interface SessionOptions {
  host: string;
  port: number;
  password: string;
  /** how events are read; whole by default */
  readEvent?: EventReader | undefined;
  limits?: Partial<SessionLimits> | undefined;
}

export interface SessionHandlers {
  onEvent(event: RawEvent): void;
  /** something was lost (an unreadable event, a handler that threw); the connection goes on */
  onFault(error: unknown): void;
  /** bytes arrived: the server is alive */
  onBytes(): void;
}

/** Why a session ended: `refused` will not get better by itself (password, ACL). */
export interface SessionEnd {
  code: 'esl-refused' | 'duplicate-switchname' | 'esl-unreachable' | 'esl-closed';
  reason: string;
}

interface Pending {
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
}

/** One logged-in connection to a node's event socket, from its opening to its end. */
export class EslSession {
  /** resolves, never rejects, when the socket is closed for whatever reason */
  readonly closed: Promise<SessionEnd>;
  readonly #connection: EslConnection;
  readonly #limits: SessionLimits;
  readonly #pending = new Set<Pending>();
  readonly #login = Promise.withResolvers<void>();
  readonly #password: string;
  #end: SessionEnd | undefined;

  /**
   * Connects and logs in.
   * @throws CodedError `esl-refused` (wrong password, ACL), `esl-unreachable`, `esl-timeout`, `esl-closed`
   */
  static async open(options: SessionOptions, handlers: SessionHandlers): Promise<EslSession> {
    if (/[\r\n]/.test(options.password)) {
      throw new CodedError('esl-refused', 'the event socket password of this node holds a line break');
    }
    const session = new EslSession(options, handlers);
    await session.#login.promise;
    return session;
  }

  private constructor(options: SessionOptions, handlers: SessionHandlers) {
    this.#limits = { ...SESSION_LIMITS, ...options.limits };
    this.#password = options.password;
    const { host, port, readEvent = readWholeEvent } = options;
    this.#connection = new EslConnection(
      { host, port, readEvent },
      {
        onConnect: () => this.#onConnect(handlers),
        onAuthRequest: () => this.#sendPassword(),
        onEvent: (event) => handlers.onEvent(event),
        onNotice: (kind, text) => this.#onNotice(kind, text),
        onFault: (error) => handlers.onFault(error),
        onBroken: (error) => this.close(messageOf(error), 'esl-unreachable'),
      },
    );
    this.closed = new Promise((resolve) =>
      this.#connection.stream.once('close', () => resolve(this.#onClose())),
    );
    this.#limitLogin(this.#limits.connectMs, `${host}:${port} did not answer`);
  }

  /** The address that its host name led to; undefined when the connection is over. */
  get remoteAddress(): string | undefined {
    return this.#connection.stream.remoteAddress;
  }

  /** Runs `api COMMAND` and gives its body. @throws CodedError `esl-timeout`, `esl-closed`, `esl-busy`, `esl-command-invalid` */
  api(command: string, timeoutMs: number = this.#limits.commandMs): Promise<string> {
    return this.#run(command, timeoutMs, (done) =>
      this.#connection.api(command, (reply) => done(reply.getBody())),
    );
  }

  /** Sends a command of the event socket itself (`event json …`) and gives its Reply-Text. @throws as `api`, and `esl-error` for -ERR */
  async command(command: string): Promise<string> {
    const reply = await this.#run(command, this.#limits.commandMs, (done) =>
      this.#connection.sendRecv(command, (event) => done(event.getHeader('Reply-Text') ?? '')),
    );
    if (reply.startsWith('-ERR')) {
      throw new CodedError('esl-error', `the event socket refused "${command.slice(0, 80)}": ${reply}`);
    }
    return reply;
  }

  /** Stops reading: TCP holds the server back. */
  pause(): void {
    this.#connection.stream.pause();
  }

  resume(): void {
    this.#connection.stream.resume();
  }

  /** Closes at once; `closed` resolves with this reason. */
  close(reason: string, code: SessionEnd['code'] = 'esl-closed'): void {
    this.#end ??= { code, reason };
    this.#connection.stream.destroy();
  }

  #run(command: string, timeoutMs: number, send: (done: (reply: string) => void) => void): Promise<string> {
    if (/[\r\n]/.test(command)) {
      return Promise.reject(new CodedError('esl-command-invalid', 'a command may not hold a line break'));
    }
    if (this.#end !== undefined || this.#connection.stream.destroyed)
      return Promise.reject(this.#closedError());
    if (this.#pending.size >= this.#limits.pendingCommands) {
      return Promise.reject(new CodedError('esl-busy', 'too many commands wait for this node'));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // its place in modesl's queue stays, so that a late reply still meets its own command
        this.#pending.delete(pending);
        reject(new CodedError('esl-timeout', `no reply to "${command.slice(0, 80)}" within ${timeoutMs} ms`));
      }, timeoutMs);
      const pending: Pending = { reject, timer };
      this.#pending.add(pending);
      send((reply) => {
        if (!this.#pending.delete(pending)) return;
        clearTimeout(timer);
        resolve(reply);
      });
    });
  }

  #onConnect(handlers: SessionHandlers): void {
    const { stream } = this.#connection;
    stream.setNoDelay(true);
    stream.setKeepAlive(true, this.#limits.keepAliveMs);
    stream.on('data', () => handlers.onBytes());
    this.#limitLogin(this.#limits.loginMs, 'connected, but the event socket did not let us log in in time');
  }

  #loginTimer: NodeJS.Timeout | undefined;

  #limitLogin(ms: number, reason: string): void {
    clearTimeout(this.#loginTimer);
    this.#loginTimer = setTimeout(() => this.close(`${reason} (${ms} ms)`, 'esl-unreachable'), ms);
  }

  #sendPassword(): void {
    this.#connection.sendRecv(`auth ${this.#password}`, (reply) => {
      clearTimeout(this.#loginTimer);
      const text = reply.getHeader('Reply-Text') ?? '';
      if (text.startsWith('+OK')) return this.#login.resolve();
      this.close(`the event socket refused our password (${text})`, 'esl-refused');
    });
  }

  #onNotice(kind: 'disconnect' | 'rejected', text: string): void {
    if (kind === 'rejected') {
      this.close(
        'the event socket refused our address (apply-inbound-acl in event_socket.conf.xml)',
        'esl-refused',
      );
      return;
    }
    this.#end ??= { code: 'esl-closed', reason: `the server said: ${firstLine(text)}` };
  }

  #onClose(): SessionEnd {
    clearTimeout(this.#loginTimer);
    this.#end ??= { code: 'esl-closed', reason: 'the server closed the connection' };
    for (const { timer, reject } of this.#pending) {
      clearTimeout(timer);
      reject(this.#closedError());
    }
    this.#pending.clear();
    this.#login.reject(this.#closedError());
    return this.#end;
  }

  #closedError(): CodedError {
    return new CodedError(this.#end?.code ?? 'esl-closed', this.#end?.reason ?? 'the connection is closed');
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
