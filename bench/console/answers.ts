import type { ServerResponse } from 'node:http';
import type { App } from '../../libs/http/app.ts';

const LIVE_CALLS = 5_000;
/** In a second: a third begins, a third is answered, a third ends. */
const CHANGES = 100;
const BEAT_MS = 100;
const LEGS = 64;
const EVENTS = 2_000;
const START_US = 1_795_262_600_000_000;

/** What the console asks for, made up. @returns a function that stops the streams */
export function addAnswers(app: App): () => void {
  const timers = new Set<NodeJS.Timeout>();
  app.get('/console/session', async () => ({ csrf_token: 'x', expires_us: START_US }));
  app.get('/v1/access', async () => ({
    name: 'bench',
    role: 'admin',
    tenant: null,
    time_zones: [],
    homer_url: null,
  }));
  app.get('/v1/nodes', async () => ({ items: [], next_cursor: null }));
  app.get('/v1/reports/kpis', async () => ({ items: [] }));
  app.get('/v1/calls/large', async () => largeCall());
  app.get('/v1/live', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = stream(reply.raw);
    timers.add(timer);
    reply.raw.once('close', () => clearInterval(timer));
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

const liveCall = (at: number) => ({
  call_id: `call-${at}`,
  tenant: `tenant-${at % 20}`,
  domain: 'a.example',
  caller: `+4930${at}`,
  callee: `+3314${at}`,
  nodes: [`fs0${at % 4}`, `fs0${(at + 1) % 4}`],
});

function stream(response: ServerResponse): NodeJS.Timeout {
  const say = (name: string, data: unknown) =>
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  const calls = Array.from({ length: LIVE_CALLS }, (_, at) => ({
    ...liveCall(at),
    start_us: START_US + at,
    answer_us: null,
  }));
  say('snapshot', { reason: 'no-id', calls, calls_complete: true, nodes: [] });
  let oldest = 0;
  let next = LIVE_CALLS;
  return setInterval(() => {
    for (let change = 0; change < (CHANGES * BEAT_MS) / 1_000; change += 1) {
      const at_us = START_US + next;
      if (change % 3 === 0) say('call-started', { ...liveCall(next++), at_us });
      else if (change % 3 === 1) say('call-answered', { ...liveCall(next - 500), at_us });
      else say('call-ended', { ...liveCall(oldest++), at_us });
    }
  }, BEAT_MS);
}

function largeCall() {
  const legs = Array.from({ length: LEGS }, (_, at) => ({
    uuid: `leg-${at}`,
    node: `fs0${at % 4}`,
    direction: at % 2 === 0 ? 'inbound' : 'outbound',
    start_us: START_US + at * 1_000,
    progress_us: null,
    answer_us: START_US + at * 1_000 + 500_000,
    end_us: START_US + 60_000_000,
    caller_id_number: '100',
    destination_number: `2${at}`,
    sip_call_id: `dialog-${Math.floor((at + 1) / 2)}`,
    proxy: null,
    hangup_cause: 'NORMAL_CLEARING',
    is_interrupted: false,
    mos: null,
    sip_status: null,
    billsec: 59,
    recording_paths: [],
  }));
  const names = [
    'CHANNEL_CREATE',
    'CHANNEL_PROGRESS',
    'CHANNEL_ANSWER',
    'CHANNEL_BRIDGE',
    'CHANNEL_HOLD',
    'CHANNEL_UNHOLD',
  ];
  const timeline = Array.from({ length: EVENTS }, (_, at) => ({
    uuid: `leg-${at % LEGS}`,
    node: `fs0${at % 4}`,
    at_us: START_US + at * 10_000,
    sequence: at,
    event_name: names[Math.floor(at / LEGS) % names.length],
    event_subclass: null,
    headers: {
      'Caller-Destination-Number': '200',
      'Bridge-A-Unique-ID': `leg-${at % LEGS}`,
      'Bridge-B-Unique-ID': `leg-${(at + 1) % LEGS}`,
    },
  }));
  return {
    ...{ id: 'large', revision: 1, state: 'finished', tenant: null, domain: null, direction: 'inbound' },
    ...{
      caller_id_name: null,
      caller: '100',
      callee: '200',
      did: null,
      trunk: null,
      nodes: ['fs00', 'fs01', 'fs02', 'fs03'],
    },
    ...{
      start_us: START_US,
      answer_us: START_US + 500_000,
      end_us: START_US + 60_000_000,
      duration: 60,
      billsec: 59,
      pdd_ms: 10,
    },
    ...{
      hangup_cause: 'NORMAL_CLEARING',
      hangup_by: 'caller',
      disposition: 'answered',
      answered_by: 'user',
      mos: null,
    },
    ...{
      recording_paths: [],
      transfers: [],
      legs,
      timeline,
      timeline_complete: true,
      is_corrected: false,
      quality: [],
      cdrs: [],
    },
  };
}
