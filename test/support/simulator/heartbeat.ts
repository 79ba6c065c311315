import type { ChannelTable } from './channel-table.ts';
import type { EventHeader } from './event-text.ts';
import { uptimeWords } from './uptime.ts';

/** What FreeSWITCH allows itself: `max-sessions` and `sessions-per-second`. */
export interface SessionLimits {
  sessions: number;
  perSecond: number;
}

/** The figures of a HEARTBEAT, made from the node's own channels. */
export function heartbeatHeaders(facts: {
  channels: ChannelTable;
  limits: SessionLimits;
  uptimeUs: number;
  version: string;
}): EventHeader[] {
  const { channels, limits, uptimeUs, version } = facts;
  const sessions = String(channels.size);
  return [
    ['Event-Info', 'System Ready'],
    ['Up-Time', uptimeWords(uptimeUs)],
    ['FreeSWITCH-Version', version],
    ['Uptime-msec', String(Math.floor(uptimeUs / 1000))],
    ['Session-Count', sessions],
    ['Max-Sessions', String(limits.sessions)],
    ['Session-Per-Sec', String(limits.perSecond)],
    ['Session-Per-Sec-Last', '0'],
    ['Session-Per-Sec-Max', '0'],
    ['Session-Per-Sec-FiveMin', '0'],
    ['Session-Since-Startup', String(channels.created)],
    ['Session-Peak-Max', String(channels.peak)],
    ['Session-Peak-FiveMin', sessions],
    ['Idle-CPU', '95.000000'],
  ];
}
