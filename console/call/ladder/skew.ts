import type { Message } from './message.ts';

/** Two servers whose clocks cannot both be right: a signal arrived before it was sent. */
export interface Skew {
  /** its clock is ahead of the other's, by this or more */
  ahead: string;
  behind: string;
  atLeastUs: number;
}

/** Whether the clocks of both ends contradict that what is sent comes before what is received. */
export function isAgainstTime({ sent, received }: Message): boolean {
  return sent !== undefined && received !== undefined && received.atUs < sent.atUs;
}

/** What the messages prove about clocks: for each pair of servers the largest contradiction. Nothing is corrected by it. */
export function skewsOf(messages: readonly Message[]): Skew[] {
  const skews = new Map<string, Skew>();
  for (const message of messages) {
    const { sent, received } = message;
    if (
      sent === undefined ||
      received === undefined ||
      !isAgainstTime(message) ||
      sent.node === received.node
    )
      continue;
    const key = `${sent.node} ${received.node}`;
    const atLeastUs = sent.atUs - received.atUs;
    if ((skews.get(key)?.atLeastUs ?? 0) < atLeastUs) {
      skews.set(key, { ahead: sent.node, behind: received.node, atLeastUs });
    }
  }
  return [...skews.values()];
}
