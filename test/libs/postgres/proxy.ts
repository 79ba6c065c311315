import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy to a database, whose connections a test can cut or let fall silent. */
export interface DatabaseProxy {
  /** the database's address with the proxy's port */
  connectionString: string;
  /** Resets all connections. */
  cut(): void;
  /** Nothing passes any more, but nothing is closed either: a dead peer. `false` makes new connections pass again. */
  silence(isSilent: boolean): void;
  /** New connections lead to another server from now on: an address that moves. */
  redirect(connectionString: string): void;
  close(): Promise<void>;
}

/** Starts a proxy before the database behind `connectionString`. */
export async function startProxy(connectionString: string): Promise<DatabaseProxy> {
  let target = new URL(connectionString);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => void (isSilent || to.write(data)));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(connectionString);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    connectionString: url.href,
    cut,
    silence: (value) => {
      isSilent = value;
    },
    redirect: (to) => {
      target = new URL(to);
    },
    close: async () => {
      cut();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
