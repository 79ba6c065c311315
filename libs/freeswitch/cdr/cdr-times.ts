import { type CdrDocument, firstOf, type VariableMap } from './cdr-document.ts';
import { CdrRejected } from './cdr-rejection.ts';

/** Times of one leg in microseconds since 1970, null where it did not happen; durations in whole seconds. */
export interface CdrTimes {
  start_us: number;
  progress_us: number | null;
  progress_media_us: number | null;
  answer_us: number | null;
  end_us: number;
  duration: number;
  billsec: number;
}

/** 2100-01-01: whatever says it is later is damaged, not a time. */
const LATEST_US = 4_102_444_800_000_000;

/**
 * Times of a leg, each with a fallback chain inside the document, never our clock: the row's key contains the start.
 * @throws CdrRejected `cdr-no-start`
 */
export function timesOf(document: CdrDocument): CdrTimes {
  const { variables } = document;
  const start = startOf(document);
  const answer = eventTime(document, 'answer', 'answered_time');
  const end = endOf(document, start);
  return {
    start_us: start,
    progress_us: eventTime(document, 'progress', 'progress_time'),
    progress_media_us: eventTime(document, 'progress_media', 'progress_media_time'),
    answer_us: answer,
    end_us: end,
    duration: seconds(variables, 'duration') ?? wholeSeconds(start, end),
    billsec: seconds(variables, 'billsec') ?? (answer === null ? 0 : wholeSeconds(answer, end)),
  };
}

function startOf(document: CdrDocument): number {
  const { variables, callflows } = document;
  const start =
    microseconds(firstOf(variables, 'start_uepoch')) ??
    microseconds(callflows.at(-1)?.times['created_time']) ??
    microseconds(callflows.at(-1)?.times['profile_created_time']) ??
    epoch(variables, 'start_epoch') ??
    microseconds(firstOf(variables, 'profile_start_uepoch')) ??
    epoch(variables, 'profile_start_epoch');
  if (start === undefined)
    throw new CdrRejected('cdr-no-start', 'the document does not say when the leg began');
  return start;
}

/** An end that is missing is the start plus the duration; without any of them the leg took no time. */
function endOf({ variables, callflows }: CdrDocument, start: number): number {
  const end =
    microseconds(firstOf(variables, 'end_uepoch')) ??
    microseconds(callflows[0]?.times['hangup_time']) ??
    epoch(variables, 'end_epoch');
  if (end !== undefined) return end;
  const lasted = count(firstOf(variables, 'uduration')) ?? (seconds(variables, 'duration') ?? 0) * 1_000_000;
  return start + lasted;
}

/** Zero means that it did not happen. */
function eventTime({ variables, callflows }: CdrDocument, name: string, time: string): number | null {
  const fromVariables =
    microseconds(firstOf(variables, `${name}_uepoch`)) ?? epoch(variables, `${name}_epoch`);
  return fromVariables ?? microseconds(callflows[0]?.times[time]) ?? null;
}

function epoch(variables: VariableMap, name: string): number | undefined {
  const value = count(firstOf(variables, name));
  return value === undefined ? undefined : microseconds(String(value * 1_000_000));
}

/** A time as microseconds; undefined for zero, which FreeSWITCH writes for "never", and for what is none. */
export function microseconds(text: string | undefined): number | undefined {
  const value = count(text);
  return value === undefined || value === 0 || value > LATEST_US ? undefined : value;
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

/** Seconds that fit PostgreSQL's integer; FreeSWITCH has been seen to write negative ones when its clock stepped. */
function seconds(variables: VariableMap, name: string): number | undefined {
  const text = firstOf(variables, name) ?? '';
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) < 2 ** 31 ? Math.max(0, value) : undefined;
}

/** As FreeSWITCH counts (switch_channel_set_timestamps): each time in whole seconds first, then the difference. */
function wholeSeconds(from: number, to: number): number {
  return Math.min(Math.max(0, secondOf(to) - secondOf(from)), 2 ** 31 - 1);
}

function secondOf(us: number): number {
  return Math.floor(us / 1_000_000);
}
