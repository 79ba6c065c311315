import type { IdentityTable } from './identity.ts';
import { findMoments, type Window } from './moment.ts';
import { textOf } from './recorded-call.ts';
import type { CoreEnd, CoreStart, RecordedEvent, RecordedItem, RecordedRequest } from './recorded-item.ts';
import type { Recording } from './recording.ts';
import { type Slot, Template } from './template.ts';

/** An item with its text cut into a template: `write` gives the JSON of the event or the body of the request anew. */
export type ScriptItem = CoreStart | CoreEnd | Written<RecordedEvent> | Written<RecordedRequest>;
type Written<T> = T & { template: Template };

/** A recording or a recorded call, ready to be played any number of times. */
export interface Script {
  items: readonly ScriptItem[];
  startUs: number;
  endUs: number;
}

const SEQUENCE = /(?<="Event-Sequence":")\d+/g;

/** A whole recording: only its times change. */
export function recordingScript(recording: Recording): Script {
  const { items, startUs, endUs, window } = recording;
  return {
    items: items.map((item) => toScriptItem(item, (text) => findMoments(text, window))),
    startUs,
    endUs,
  };
}

/** One call: its identities change too, and its events take the sequence numbers of the node that sends them. */
export function callScript(
  call: { items: readonly RecordedItem[]; startUs: number; endUs: number },
  table: IdentityTable,
  window: Window,
): Script {
  const findSlots = (text: string) => [
    ...table.findIn(text),
    ...findSequences(text),
    ...findMoments(text, window),
  ];
  return { ...call, items: call.items.map((item) => toScriptItem(item, findSlots)) };
}

function toScriptItem(item: RecordedItem, findSlots: (text: string) => Slot[]): ScriptItem {
  if (item.kind === 'core-start' || item.kind === 'core-end') return item;
  const text = textOf(item);
  return { ...item, template: new Template(text, findSlots(text)) };
}

function findSequences(text: string): Slot[] {
  return [...text.matchAll(SEQUENCE)].map(({ 0: recorded, index }) => ({
    index,
    length: recorded.length,
    render: ({ sequence }) => (sequence === undefined ? recorded : String(sequence)),
  }));
}
