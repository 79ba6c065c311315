import { randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';
import { postCdr } from './hostile-call.ts';
import { asInbound, asOutbound } from './other-cdr.ts';
import type { Place } from './place.ts';

const HOUR_S = 3_600;
const DAYS = 14;
/** Calls at the busiest hour of a working day. */
const PEAK = 9;
const AT_ONCE = 8;

/** How busy people are, hour by hour of a day. */
const DAY = [
  0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.7, 1, 0.9, 0.8, 0.5, 0.7, 0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.1, 0, 0, 0,
];
const COUNTRIES = ['49301234', '3314200', '44207183', '39061234', '1212555'];
const TRUNKS = ['carrier-a', 'carrier-b'];
/** Numbers that people call; calls to them reach somebody when they are DIDs. */
export const DIDS = ['+442071838750', '+442071838751', '+442071838752'];
const OUTCOMES = ['answered', 'answered', 'answered', 'busy', 'answered', 'failed'] as const;

interface Template {
  uuid: string;
  document: string;
  startS: number;
}

/**
 * Posts the CDRs of two weeks of working days, made of recorded ones: other uuids, times and numbers, every second one by
 * a trunk, most of the others to a DID. What a fleet looks like that is at work.
 */
export async function postFortnight(place: Place): Promise<void> {
  const templates = new Map<string, Template>();
  for (const outcome of new Set(OUTCOMES)) templates.set(outcome, await templateOf(place, outcome));
  const nowS = [...templates.values()][0]?.startS ?? 0;
  const posts = momentsBefore(nowS).map((startS, index) => async () => {
    const template = templates.get(OUTCOMES[index % OUTCOMES.length] ?? '');
    if (template === undefined) return;
    const uuid = randomUUID();
    await postCdr(place, uuid, another(template, { uuid, startS, index }));
  });
  const total = posts.length;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let post = posts.pop(); post !== undefined; post = posts.pop()) await post();
    }),
  );
  const from = new Date((nowS - (DAYS + 1) * 24 * HOUR_S) * 1_000).toISOString();
  await until(
    'the fortnight is counted',
    async () => {
      const { items } = await place.ask<{ items: { figures: { attempts: number } }[] }>(
        `/v1/reports/kpis?from=${from}&to=${new Date((nowS - HOUR_S) * 1_000).toISOString()}`,
      );
      return (items[0]?.figures.attempts ?? 0) >= total * 0.95;
    },
    90_000,
  );
}

function momentsBefore(nowS: number): number[] {
  const hour = nowS - (nowS % HOUR_S);
  return Array.from({ length: DAYS * 24 }, (_, back) => hour - (back + 1) * HOUR_S).flatMap(
    (startS, back) => {
      const at = new Date(startS * 1_000);
      const isWeekend = at.getUTCDay() % 6 === 0;
      // busier this week than the week before
      const share = (DAY[at.getUTCHours()] ?? 0) * (isWeekend ? 0.2 : 1) * (back < (DAYS * 24) / 2 ? 1 : 0.8);
      const calls = Math.round(PEAK * share + ((back * 7) % 3) * share);
      return Array.from(
        { length: calls },
        (__, index) => startS + Math.floor(((index + 0.5) / calls) * HOUR_S),
      );
    },
  );
}

/** A recorded leg whose CDR stands for a kind of call. */
async function templateOf({ ask, standalone }: Place, outcome: string): Promise<Template> {
  const { items } = await ask<{ items: { legs: string[]; start_us: number }[] }>(
    `/v1/calls?disposition=${outcome}&limit=50`,
  );
  const call = items.find(({ legs }) => legs.length === 1);
  const uuid = call?.legs[0];
  if (call === undefined || uuid === undefined) throw new Error(`no call of one leg was ${outcome}`);
  const { origins, secrets } = standalone;
  const document = await fetch(`${origins.api}/v1/cdrs/${uuid}/document`, {
    headers: { authorization: `Bearer ${secrets.apiToken}` },
  });
  return { uuid, document: await document.text(), startS: Math.floor(call.start_us / 1_000_000) };
}

interface Other {
  uuid: string;
  startS: number;
  index: number;
}

function another(
  { uuid: recorded, document, startS: recordedS }: Template,
  { uuid, startS, index }: Other,
): string {
  const shiftS = startS - recordedS;
  const moved = document
    .replaceAll(recorded, uuid)
    // seconds, and microseconds, of every moment
    .replaceAll(
      /\b(1[6-9]\d{8})(\d{6})?\b/g,
      (_, seconds: string, rest = '') => `${Number(seconds) + shiftS}${rest}`,
    )
    .replaceAll(/<sip_call_id>[^<]*</g, `<sip_call_id>${uuid}<`);
  if (index % 2 === 0) return index % 6 === 0 ? moved : asInbound(moved, DIDS[(index / 2) % 3] ?? '');
  const called = `+${COUNTRIES[index % COUNTRIES.length]}${1_000 + (index % 40)}`;
  return asOutbound(moved, { called, trunk: TRUNKS[index % 3 === 0 ? 1 : 0] ?? '' });
}
