import { type Cast, writeCdr, writeEvent } from './cast.ts';
import type { CdrPost } from './cdr-poster.ts';
import type { Load } from './load.ts';
import type { Take } from './player.ts';
import type { ScriptItem } from './script.ts';
import type { SimulatedEvent } from './simulated-event.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** Cloned calls, written in advance: what they send, in the order in which busy servers send it. */
export interface Rehearsal {
  legs: number;
  events: readonly { node: SimulatedNode; event: SimulatedEvent }[];
  /** CDRs as XML. */
  posts: readonly CdrPost[];
}

export interface RehearsalOptions {
  calls: number;
  /** Calls begun a second: how many of them are up at once, and so how far apart the events of a leg stand. */
  cps: number;
  /** When the last call begins, µs. */
  untilUs: number;
}

const SECOND_US = 1_000_000;

/**
 * Writes clones in advance, so that a bench measures who receives them and not who makes them: all a bench has left to
 * do is to send. The events of a node are numbered in their order.
 */
export function rehearse(load: Load, { calls, cps, untilUs }: RehearsalOptions): Rehearsal {
  const startUs = untilUs - (calls * SECOND_US) / cps;
  const legsBefore = load.legs;
  const takes = Array.from({ length: calls }, (_, number) =>
    load.clone(startUs + (number * SECOND_US) / cps),
  );
  const cues = takes.flatMap(cuesOf).sort((a, b) => a.dueUs - b.dueUs);
  return {
    legs: load.legs - legsBefore,
    events: cues.flatMap(({ item, node, cast }) =>
      item.kind === 'event' ? [{ node, event: writeEvent(item, node, cast) }] : [],
    ),
    posts: cues.flatMap(({ item, cast }) => (item.kind === 'cdr' ? [writeCdr(item, cast)] : [])),
  };
}

interface Cue {
  item: ScriptItem;
  node: SimulatedNode;
  cast: Cast;
  dueUs: number;
}

function cuesOf({ script, cast, startUs, speed }: Take): Cue[] {
  return script.items.flatMap((item) => {
    const node = cast.nodes.get(item.node);
    const dueUs = startUs + (item.atUs - script.startUs) / speed;
    return node === undefined ? [] : [{ item, node, cast, dueUs }];
  });
}
