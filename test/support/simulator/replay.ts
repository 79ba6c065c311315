import type { Clock } from '../../../libs/clock/clock.ts';
import type { Take } from './player.ts';
import type { RecordedItem } from './recorded-item.ts';
import type { Recording } from './recording.ts';
import { recordingScript } from './script.ts';
import type { SimulatedNode } from './simulated-node.ts';

export interface ReplayOptions {
  /** Seconds of the recording in a second of the clock (1). Infinity: as fast as the listeners read. */
  speed?: number | undefined;
  /** `as-recorded` ends the nodes as they ended; `stay` leaves them up, without the events of their shutdown. */
  ending?: 'as-recorded' | 'stay' | undefined;
}

const SECOND_US = 1_000_000;

/**
 * A whole recording, its times shifted by one number of whole seconds. At speed 1 an event is sent when the clock shows
 * its shifted time; faster, the last event is dated now and the earlier ones lie in the past, never in the future.
 */
export function replayTake(
  {
    recording,
    nodes,
    clock,
  }: { recording: Recording; nodes: ReadonlyMap<string, SimulatedNode>; clock: Clock },
  { speed = 1, ending = 'as-recorded' }: ReplayOptions,
): Take {
  const items = ending === 'stay' ? withoutShutdowns(recording.items) : recording.items;
  const script = recordingScript({ ...recording, items, endUs: items.at(-1)?.atUs ?? recording.endUs });
  const nowUs = clock.nowUs();
  const endsUs = nowUs + (script.endUs - script.startUs) / speed;
  const offsetUs =
    speed === 1
      ? Math.ceil((nowUs - script.startUs) / SECOND_US) * SECOND_US
      : Math.floor((endsUs - script.endUs) / SECOND_US) * SECOND_US;
  const startUs = speed === 1 ? script.startUs + offsetUs : nowUs;
  const cast = {
    rendering: { offsetUs },
    nodes,
    cores: new Map(),
    uuidOf: (uuid: string) => uuid,
    renumbers: false,
    isLive: speed === 1,
  };
  return { script, cast, startUs, speed };
}

/** Leaves out what a node said and did from its last SHUTDOWN on, when it did not start again. */
function withoutShutdowns(items: readonly RecordedItem[]): RecordedItem[] {
  const shutAt = new Map<string, number>();
  items.forEach((item, index) => {
    if (item.kind === 'core-start') shutAt.delete(item.node);
    if (item.kind === 'event' && item.name === 'SHUTDOWN') shutAt.set(item.node, index);
  });
  return items.filter((item, index) => index < (shutAt.get(item.node) ?? Number.POSITIVE_INFINITY));
}
