import type { Call } from '../records/call.ts';
import type { Leg } from './leg.ts';

type Transfer = Call['transfers'][number];

/** `<epoch seconds>:<id of the transfer>:<kind>:<what>` */
const ENTRY = /^(\d{9,11}):([^:]*):([a-z_]+):(.*)$/;

/** The transfers of a call in order of time, each once, though several legs remember it. */
export function transfersOf(path: readonly Leg[]): Transfer[] {
  const found = new Map<string, Transfer>();
  for (const transfer of [...path.flatMap(blindOf), ...path.flatMap((leg) => attendedOf(leg, path))]) {
    found.set(`${transfer.kind} ${transfer.at_us} ${transfer.to}`, transfer);
  }
  return [...found.values()].sort((a, b) => (a.at_us ?? 0) - (b.at_us ?? 0));
}

function blindOf({ transfer_history }: Leg): Transfer[] {
  return transfer_history.flatMap((text) => {
    const [, seconds, , kind, what = ''] = ENTRY.exec(text) ?? [];
    return kind === 'bl_xfer'
      ? [{ at_us: Number(seconds) * 1_000_000, kind: 'blind', to: what.split('/', 1)[0] ?? null }]
      : [];
  });
}

/** A REFER with Replaces leaves the consultation's leg `replaced`: the call went where that one had asked to go. */
function attendedOf(leg: Leg, path: readonly Leg[]): Transfer[] {
  if (leg.transfer_disposition === 'replaced') {
    return [{ at_us: leg.end_us, kind: 'attended', to: leg.destination_number }];
  }
  return consultedOf(leg, path);
}

/** The dialplan's att_xfer: two legs that one leg had called are put through to each other, and it is out. */
function consultedOf(leg: Leg, path: readonly Leg[]): Transfer[] {
  if (leg.originator === null || leg.direction !== 'outbound') return [];
  return leg.transfer_history.flatMap((text) => {
    const [, seconds, , kind, what] = ENTRY.exec(text) ?? [];
    const other = path.find(({ uuid }) => uuid === what);
    const isLater =
      kind === 'uuid_br' && other?.originator === leg.originator && leg.start_us > other.start_us;
    return isLater
      ? [{ at_us: Number(seconds) * 1_000_000, kind: 'attended', to: leg.destination_number }]
      : [];
  });
}
