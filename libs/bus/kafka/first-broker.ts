import type { Socket } from 'node:net';

/** A broker that has not said a word so long after it was asked is paused, or its disk hangs. */
const SILENT_MS = 3_000;

/** When each broker, by host:port, was last asked in vain; of this process, as every client of it asks the same ones. */
const silentSinceMs = new Map<string, number>();

/**
 * The brokers in the order in which a new client is to ask them: at random, and those last that gave no answer, the latest of them at
 * the end. kafkajs begins at the first one, and goes on to the next only where it cannot connect: one that takes connections and
 * answers nothing would be asked by each client that comes after.
 */
export function orderOfBrokers(brokers: readonly string[]): string[] {
  const start = Math.floor(Math.random() * brokers.length);
  const inTurn = [...brokers.slice(start), ...brokers.slice(0, start)];
  const sinceMs = (broker: string) => silentSinceMs.get(broker) ?? 0;
  return inTurn.sort((left, right) => sinceMs(left) - sinceMs(right));
}

/** Notes whether a broker answers on a new connection; a connection on which nobody asks anything tells nothing. */
export function noticeSilence(socket: Socket, broker: string, silentMs = SILENT_MS): void {
  const judge = () => {
    if (socket.bytesRead > 0) silentSinceMs.delete(broker);
    else if (socket.bytesWritten > 0) silentSinceMs.set(broker, performance.now());
  };
  socket.once('connect', () => setTimeout(judge, silentMs).unref());
}
