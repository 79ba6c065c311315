import type { CallDetail } from '../api/contract.ts';

/** Homer captures by clocks of its own: its packets are looked for so much earlier and later. */
const AROUND_MS = 60_000;
const DAY_MS = 86_400_000;

/** Where the packets of a dialog are; undefined when nobody said where Homer is, or what they said is no web address. */
export function homerAddress(
  template: string | null,
  { call, callId }: { call: Pick<CallDetail, 'start_us' | 'end_us'>; callId: string },
): string | undefined {
  if (template === null || !/^https?:\/\//i.test(template)) return undefined;
  const fromMs = Math.floor(call.start_us / 1_000) - AROUND_MS;
  // a call that is up ends in the future
  const toMs = call.end_us === null ? fromMs + DAY_MS : Math.ceil(call.end_us / 1_000) + AROUND_MS;
  return template
    .replaceAll('{call_id}', () => encodeURIComponent(callId))
    .replaceAll('{from_ms}', String(fromMs))
    .replaceAll('{to_ms}', String(toMs));
}
