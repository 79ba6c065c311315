import type { DeliveredRecord } from '../../libs/bus/bus.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import type { ChannelEvent } from '../../libs/records/channel-event.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { recordedFleet } from '../../test/support/recorded-fleet.ts';

/** The second group of a uuid, and the beginning of a Call-ID: what makes a clone another call. */
const UUID = /([0-9a-f]{8}-)[0-9a-f]{4}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/g;
const CALL_ID = /"sip_call_id":"/g;

export interface CloneOptions {
  copies: number;
  /** the first clone's number: others make other calls */
  from?: number;
  /** copies that run side by side */
  together?: number;
}

/** The records of run 01 (events, and the XML CDR of each leg), as many times as asked, as the bus delivers them: in order of time, several copies side by side. */
export function clonedRecords({ copies, from = 0, together = 8 }: CloneOptions): DeliveredRecord[] {
  const fleet = recordedFleet('run-01');
  const texts = [
    ...fleet.events.map((value) => textOf(TOPICS.channelEvents, value.uuid, value)),
    ...fleet.cdrs
      .filter(({ format }) => format === 'xml')
      .map((value) => textOf(TOPICS.cdrs, value.cdr.uuid, value)),
  ];
  const records: DeliveredRecord[] = [];
  for (let copy = from; copy < from + copies; copy += together) {
    const group = Array.from({ length: Math.min(together, from + copies - copy) }, (_, at) => copy + at);
    records.push(...group.flatMap((number) => texts.map((text) => cloned(text, number))).sort(byTime));
  }
  return records;
}

function textOf(topic: string, key: string, value: ChannelEvent | CdrRecord): string {
  return JSON.stringify({ topic, key, value, partition: 0, offset: '0', publishedUs: 0 });
}

function cloned(text: string, number: number): DeliveredRecord {
  const tag = number.toString(16).padStart(4, '0');
  return JSON.parse(text.replace(UUID, `$1${tag}$2`).replace(CALL_ID, `"sip_call_id":"${tag}`));
}

function byTime(a: DeliveredRecord, b: DeliveredRecord): number {
  return momentOf(a) - momentOf(b);
}

function momentOf({ value }: DeliveredRecord): number {
  const { at_us, cdr } = value as { at_us?: number; cdr?: { end_us: number } };
  return at_us ?? cdr?.end_us ?? 0;
}
