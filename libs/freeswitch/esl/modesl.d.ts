/** The part of modesl 1.2.1 that we use: it ships no types of its own. */
declare module 'modesl' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  class Event {
    constructor(headers: Record<string, string>, body?: string);
    getHeader(name: string): string | null;
    getBody(): string;
  }

  class Connection extends EventEmitter {
    constructor(host: string, port: number, password: string);
    connecting: boolean;
    /** null after a FIN */
    socket: Socket | null;
    sendRecv(command: string, callback: (reply: Event) => void): void;
    api(command: string, callback: (reply: Event) => void): void;
    _onConnect(): void;
    _onEvent(event: Event, headers: Record<string, string>, body?: string): void;
    _onError(error: unknown): void;
  }

  const modesl: { Connection: typeof Connection; Event: typeof Event };
  export default modesl;
}
