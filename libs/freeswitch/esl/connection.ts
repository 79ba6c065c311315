import type { Socket } from 'node:net';
import modesl from 'modesl';
import { CodedError } from '../../errors/coded-error.ts';
import type { RawEvent } from '../event/channel-event.ts';
import type { EventReader } from '../event/read-event.ts';
import { type Frame, FrameReader } from './frame-reader.ts';

export interface ConnectionOptions {
  host: string;
  port: number;
  /** what it throws is a fault: that event is lost */
  readEvent: EventReader;
}

export interface ConnectionHandlers {
  onConnect(): void;
  /** the server asks for the password */
  onAuthRequest(): void;
  onEvent(event: RawEvent): void;
  /** the server says goodbye, or that our address is not welcome */
  onNotice(kind: 'disconnect' | 'rejected', text: string): void;
  /** an event that could not be read, or a handler that threw: this frame is lost, the rest goes on */
  onFault(error: unknown): void;
  /** the socket failed, or the stream cannot be cut into frames any more: the connection is over */
  onBroken(error: unknown): void;
}

/**
 * modesl's connection with its parser and its login replaced. modesl goes on to speak the protocol (commands, replies and
 * their order); its own parser throws on a stray `%`, loses the rest of a chunk when a handler throws and copies all bytes
 * again at each chunk, and its login subscribes to events that we did not ask for.
 */
export class EslConnection extends modesl.Connection {
  /** modesl forgets its socket at a FIN and keeps a dead one after a RST: this one tells the truth by its `close` */
  readonly stream: Socket;
  readonly #handlers: ConnectionHandlers;
  readonly #reader = new FrameReader();
  readonly #readEvent: EventReader;

  constructor({ host, port, readEvent }: ConnectionOptions, handlers: ConnectionHandlers) {
    super(host, port, '');
    this.#readEvent = readEvent;
    if (this.socket === null) throw new CodedError('esl-closed', 'the event socket could not be opened');
    this.stream = this.socket;
    this.#handlers = handlers;
    this.on('error', (error) => handlers.onFault(error));
  }

  override _onConnect(): void {
    this.connecting = false;
    this.stream.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#handlers.onConnect();
  }

  override _onError(error: unknown): void {
    this.#handlers.onBroken(error);
  }

  #read(chunk: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.#reader.push(chunk);
    } catch (error) {
      this.#handlers.onBroken(error);
      return;
    }
    for (const frame of frames) this.#dispatchSafely(frame);
  }

  #dispatchSafely(frame: Frame): void {
    try {
      this.#dispatch(frame);
    } catch (error) {
      this.#handlers.onFault(error);
    }
  }

  #dispatch({ headers, body }: Frame): void {
    const type = headers['Content-Type'];
    if (type === 'text/event-json') this.#handlers.onEvent(this.#parse(body));
    else if (type === 'auth/request') this.#handlers.onAuthRequest();
    else if (type === 'text/disconnect-notice') this.#handlers.onNotice('disconnect', textOf(body));
    else if (type === 'text/rude-rejection') this.#handlers.onNotice('rejected', textOf(body));
    // replies: modesl gives each to the command that waits for it
    else this._onEvent(new modesl.Event(headers, textOf(body)), headers, textOf(body));
  }

  #parse(body: Buffer | undefined): RawEvent {
    try {
      return this.#readEvent(body ?? EMPTY);
    } catch (cause) {
      throw new CodedError('esl-event-invalid', 'the event socket sent an event that is no JSON', {
        cause,
        details: { beginning: textOf(body).slice(0, 200) },
      });
    }
  }
}

const EMPTY = Buffer.alloc(0);

function textOf(body: Buffer | undefined): string {
  return body?.toString('utf8') ?? '';
}
