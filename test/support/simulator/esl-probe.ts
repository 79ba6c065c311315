import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EslFrame, readFrames } from './esl-frame.ts';

/** A bare client of an event socket that keeps every byte it receives, for tests. */
export class EslProbe {
  /** Everything received, a binary string. */
  received = '';
  /** What happened to the connection: `end` is a FIN, `ECONNRESET` a reset. */
  ending: string | undefined;
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      this.received += String(chunk);
    });
    socket.on('end', () => {
      this.ending ??= 'end';
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.ending = error.code ?? 'error';
    });
  }

  static async connect({ host, port }: { host: string; port: number }): Promise<EslProbe> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new EslProbe(socket);
  }

  /** Logs in and sends the commands one after the other, each when the one before is answered. */
  static async open(
    node: { host: string; port: number; password: string },
    ...commands: string[]
  ): Promise<EslProbe> {
    const probe = await EslProbe.connect(node);
    await probe.until(({ frames }) => frames.length >= 1);
    for (const command of [`auth ${node.password}`, ...commands]) await probe.ask(command);
    return probe;
  }

  get frames(): EslFrame[] {
    return [...readFrames(this.received)];
  }

  /** The JSON or plain events received so far, as their texts. */
  get events(): string[] {
    return this.frames.filter((frame) => isEvent(frame)).map(({ body }) => body);
  }

  send(command: string): void {
    this.socket.write(`${command}\n\n`, 'latin1');
  }

  /** Sends a command and resolves with its reply: the Reply-Text, or the body of an api/response. */
  async ask(command: string): Promise<string> {
    const replies = () => this.frames.filter((frame) => !isEvent(frame));
    const before = replies().length;
    this.send(command);
    await this.until(() => replies().length > before);
    const reply = replies()[before];
    return reply?.headers.get('Reply-Text') ?? reply?.body ?? '';
  }

  /** @throws Error when it is not so within `timeoutMs` */
  async until(condition: (probe: EslProbe) => boolean, timeoutMs = 10_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!condition(this)) {
      if (performance.now() > deadline)
        throw new Error(`not so after ${timeoutMs} ms; got ${this.received.slice(-500)}`);
      await sleep(5);
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

function isEvent({ headers }: EslFrame): boolean {
  return headers.get('Content-Type')?.startsWith('text/event-') ?? false;
}
