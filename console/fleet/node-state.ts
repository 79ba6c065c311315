import type { ConfiguredState, FleetNode } from '../api/shapes.ts';
import type { Tone } from '../parts/tone.ts';

/** How a node stands, in one word and a tone. */
export function standing({ configured_state, state }: FleetNode): { word: string; tone: Tone } {
  if (state === null) return { word: 'not heard of yet', tone: 'off' };
  if (state === 'down' || state === 'refused' || state === 'duplicate-switchname')
    return { word: state, tone: 'bad' };
  if (configured_state === 'disabled') return { word: 'disabled', tone: 'off' };
  if (configured_state === 'draining') return { word: 'draining', tone: 'busy' };
  return state === 'live' ? { word: 'live', tone: 'good' } : { word: state, tone: 'warn' };
}

const WORST: readonly Tone[] = ['bad', 'warn', 'busy', 'good', 'off'];

/** Orders nodes as somebody looks for what is wrong: the worst first, equals by name. */
export function worstFirst(a: FleetNode, b: FleetNode): number {
  const severity = (node: FleetNode) => WORST.indexOf(standing(node).tone);
  return severity(a) - severity(b) || (a.switchname < b.switchname ? -1 : 1);
}

/** An order that can be given to a node. */
export interface Order {
  /** the api's word */
  name: 'drain' | 'undrain' | 'disable';
  label: string;
  isFor: (configured: ConfiguredState) => boolean;
  /** what will happen, in sentences */
  consequences: (node: FleetNode) => string[];
  /** FreeSWITCH itself can be told as well: `fsctl pause` or `resume` */
  pauseLabel: string | undefined;
}

const live = ({ load }: FleetNode): string => {
  const count = load?.sessions ?? 0;
  if (count === 0) return 'It has no live session now.';
  return count === 1
    ? 'Its one live session goes on until it ends.'
    : `Its ${count} live sessions go on until they end.`;
};

export const ORDERS: readonly Order[] = [
  {
    name: 'drain',
    label: 'Drain',
    isFor: (configured) => configured === 'active',
    consequences: (node) => [
      `${node.switchname} gets no new calls. ${live(node)}`,
      'Every Kamailio is told at once, and routing stops choosing it within a second.',
      'Undrain gives it calls again.',
    ],
    pauseLabel: 'FreeSWITCH itself refuses new calls as well',
  },
  {
    name: 'undrain',
    label: 'Undrain',
    isFor: (configured) => configured !== 'active',
    consequences: (node) => [`${node.switchname} gets calls again, within a second.`],
    pauseLabel: 'FreeSWITCH itself takes new calls again as well',
  },
  {
    name: 'disable',
    label: 'Disable',
    isFor: (configured) => configured !== 'disabled',
    consequences: (node) => [
      `${node.switchname} gets no calls at all, not even those that belong together with calls it has. ${live(node)}`,
      'It stays so until it is undrained, whatever happens to it in the meantime.',
    ],
    pauseLabel: undefined,
  },
];
