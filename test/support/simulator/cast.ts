import { closeBody, encodingOf } from './cdr-body.ts';
import type { CdrPost } from './cdr-poster.ts';
import type { RecordedEvent, RecordedRequest } from './recorded-item.ts';
import { SimulatedEvent } from './simulated-event.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Rendering, Template } from './template.ts';

/** Who plays a script this time. */
export interface Cast {
  rendering: Omit<Rendering, 'sequence'>;
  /** The node that plays a recorded one. */
  nodes: ReadonlyMap<string, SimulatedNode>;
  /** The core it must be: when the node was restarted since, this script's part of it is dead. */
  cores: Map<string, string>;
  /** The uuid of a leg in this performance. */
  uuidOf(recorded: string): string;
  /** Clones number their events anew. */
  renumbers: boolean;
  /** Played at the pace of the clock. */
  isLive: boolean;
}

/** The event as `node` sends it this time. */
export function writeEvent(
  item: RecordedEvent & { template: Template },
  node: SimulatedNode,
  cast: Cast,
): SimulatedEvent {
  const { name, subclass } = item;
  // numbered now, whenever it is written
  const { rendering: common, renumbers } = cast;
  const rendering = renumbers ? { ...common, sequence: node.core.nextSequence() } : common;
  const write = () => item.template.render(rendering);
  return new SimulatedEvent({ name, subclass, uuid: cast.uuidOf(item.uuid), write });
}

/** The CDR as its node posts it this time. */
export function writeCdr(item: RecordedRequest & { template: Template }, cast: Cast): CdrPost {
  const { headers, prefix, kind } = item;
  const format = kind === 'cdr' ? 'xml' : 'json';
  return { uuid: cast.uuidOf(item.uuid), prefix, format, headers, body: writeBody(item, cast) };
}

/** The body of a request, in the encoding it was recorded in. */
export function writeBody(item: RecordedRequest & { template: Template }, cast: Cast): string {
  return closeBody(item.template.render(cast.rendering), encodingOf(item.body));
}
