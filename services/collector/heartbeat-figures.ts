import type { RawEvent } from '../../libs/freeswitch/event/channel-event.ts';
import type { NodeLoad } from '../../libs/records/node-load.ts';

export type HeartbeatFigures = Pick<
  NodeLoad,
  | 'max_sessions'
  | 'sessions_per_second'
  | 'max_sessions_per_second'
  | 'idle_cpu'
  | 'uptime_ms'
  | 'version'
  | 'sessions_total'
  | 'sessions_peak'
>;

export const NO_FIGURES: HeartbeatFigures = {
  max_sessions: null,
  sessions_per_second: null,
  max_sessions_per_second: null,
  idle_cpu: null,
  uptime_ms: null,
  version: null,
  sessions_total: null,
  sessions_peak: null,
};

/** How many sessions the node has, as its HEARTBEAT says. */
export function readSessionCount(event: RawEvent): number | undefined {
  const count = event['Session-Count'];
  return typeof count === 'string' && /^\d{1,9}$/.test(count) ? Number(count) : undefined;
}

/** What a HEARTBEAT says; `Session-Per-Sec` is the limit, `Session-Per-Sec-Last` what is used of it. */
export function readHeartbeat(event: RawEvent): HeartbeatFigures {
  const whole = (header: string) => {
    const value = Number(event[header]);
    return typeof event[header] === 'string' && Number.isSafeInteger(value) ? value : null;
  };
  const idle = Number.parseFloat(String(event['Idle-CPU']));
  const version = event['FreeSWITCH-Version'];
  return {
    max_sessions: whole('Max-Sessions'),
    sessions_per_second: whole('Session-Per-Sec-Last'),
    max_sessions_per_second: whole('Session-Per-Sec'),
    idle_cpu: Number.isFinite(idle) ? idle : null,
    uptime_ms: whole('Uptime-msec'),
    version: typeof version === 'string' ? version : null,
    sessions_total: whole('Session-Since-Startup'),
    sessions_peak: whole('Session-Peak-Max'),
  };
}
