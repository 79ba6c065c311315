import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** A broker that has not said a word so long after it was asked is paused, or its disk hangs. */
const SILENT_MS = 3_000;

/** Which broker a new client asks first; one for all clients of a bus, as each of them asks the same brokers. */
export interface FirstBroker {
  /**
   * The brokers (host:port) in the order in which a new client is to ask them: at random, and those last that gave no answer, the
   * latest of them at the end.
   */
  orderOf(brokers: readonly string[]): string[];
  /**
   * Notes whether a broker answers on a new connection, or whether none comes about; a connection on which nobody asks anything tells
   * nothing.
   */
  notice(socket: Socket, broker: string): void;
}

/**
 * Remembers who was silent. kafkajs begins at the first broker, and goes on to the next only where it cannot connect: one that takes
 * connections and answers nothing would be asked by each client that comes after, and one that takes none would cost each of them the
 * time limit of a connection.
 */
export function createFirstBroker(silentMs = SILENT_MS): FirstBroker {
  const silentSinceMs = new Map<string, number>();
  const sinceMs = (broker: string) => silentSinceMs.get(broker) ?? 0;
  return {
    orderOf: (brokers) => {
      const start = Math.floor(Math.random() * brokers.length);
      const inTurn = [...brokers.slice(start), ...brokers.slice(0, start)];
      return inTurn.sort((left, right) => sinceMs(left) - sinceMs(right));
    },
    notice: (socket, broker) => {
      let isConnected = false;
      const judge = () => {
        if (socket.bytesRead > 0) silentSinceMs.delete(broker);
        else if (!isConnected || socket.bytesWritten > 0) silentSinceMs.set(broker, performance.now());
      };
      let timer = setTimeout(judge, silentMs).unref();
      // of TLS nothing is counted before: what it asks to begin with stands in neither figure
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
        isConnected = true;
        clearTimeout(timer);
        timer = setTimeout(judge, silentMs).unref();
      });
    },
  };
}
