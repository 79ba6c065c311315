import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../errors/coded-error.ts';
import { callKamailio } from './json-rpc.ts';

/** A row of Kamailio's dispatcher table (version 4), as the view kamailio.dispatcher gives it. */
export interface DispatcherRow {
  setid: number;
  destination: string;
  flags: number;
  priority: number;
  attrs: string | null;
  description: string;
}

/** The dispatcher's list file: `setid uri flags priority attrs`, one destination a line. */
export function dispatcherList(rows: readonly DispatcherRow[]): string {
  const lines = rows.map(({ setid, destination, flags, priority, attrs, description }) =>
    [setid, destination, flags, priority, attrs ?? '', `# ${description}`].join(' '),
  );
  return ['# setid destination flags priority attributes', ...lines, ''].join('\n');
}

export interface DispatcherChange {
  /** where each Kamailio answers JSON-RPC */
  urls: readonly string[];
  /** the sets that the node is in */
  sets: readonly number[];
  /** the node's SIP URI */
  destination: string;
  takesCalls: boolean;
}

/** What became of a change at one Kamailio; `problem` is for a person. */
export interface DispatcherOutcome {
  url: string;
  problem: string | undefined;
}

/** Kamailio refuses a reload within this time of the last one. */
const RELOAD_GAP_MS = 5_100;

/**
 * Tells every Kamailio at once that a node takes calls, or no longer. The view must say so already: a later reload goes
 * by the view. A destination that Kamailio doesn't know is new in the view, so it is told to reload.
 */
export async function pushNodeState(change: DispatcherChange): Promise<DispatcherOutcome[]> {
  return Promise.all(
    change.urls.map(async (url) => {
      try {
        for (const set of change.sets) await setState(url, set, change);
        return { url, problem: undefined };
      } catch (error) {
        return { url, problem: messageOf(error) };
      }
    }),
  );
}

/** `d` disabled: an inactive destination would come back with the next answered ping; `ap` active, and pinged. */
async function setState(url: string, set: number, change: DispatcherChange): Promise<void> {
  const params = [change.takesCalls ? 'ap' : 'd', set, change.destination];
  try {
    await callKamailio({ url, method: 'dispatcher.set_state', params });
  } catch (error) {
    if (codeOf(error) !== 'kamailio-refused') throw error;
    await reload(url);
    await callKamailio({ url, method: 'dispatcher.set_state', params });
  }
}

async function reload(url: string): Promise<void> {
  try {
    await callKamailio({ url, method: 'dispatcher.reload' });
  } catch (error) {
    if (codeOf(error) !== 'kamailio-refused') throw error;
    await sleep(RELOAD_GAP_MS);
    await callKamailio({ url, method: 'dispatcher.reload' });
  }
}
