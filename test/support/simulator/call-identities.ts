import { type Identity, UUID } from './identity.ts';
import { type RecordedCall, textOf } from './recorded-call.ts';
import type { Recording } from './recording.ts';

const CALL_ID = /sip_call_id(?:":"|>)([^"<@]+)@/g;
const TAG = /(?:;tag=|_tag(?:":"|>))([\w.-]+)/g;
const BRANCH = /branch=(z9hG4bK[\w.-]+)/g;

/** Everything in a call's material that must be fresh in a clone, and what belongs to the nodes it ran on. */
export function identitiesOf(call: RecordedCall, recording: Recording): Identity[] {
  const cores = recording.items.flatMap((item) => (item.kind === 'core-start' ? [item.core] : []));
  const texts = call.items.map((item) => decoded(decoded(textOf(item))));
  const all = (pattern: RegExp) =>
    texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? match[0]));
  return unique([
    ...cores.map((recorded): Identity => ({ kind: 'core', recorded })),
    ...recording.nodes.flatMap(({ switchname, address }): Identity[] => [
      { kind: 'switchname', recorded: switchname },
      { kind: 'address', recorded: address },
    ]),
    ...all(UUID).map((recorded): Identity => ({ kind: 'uuid', recorded })),
    ...all(CALL_ID).map((recorded): Identity => ({ kind: 'call-id', recorded })),
    ...all(TAG).map((recorded): Identity => ({ kind: 'tag', recorded })),
    ...all(BRANCH).map((recorded): Identity => ({ kind: 'branch', recorded })),
  ]);
}

function unique(identities: readonly Identity[]): Identity[] {
  const first = new Map<string, Identity>();
  for (const identity of identities)
    if (!first.has(identity.recorded)) first.set(identity.recorded, identity);
  return [...first.values()];
}

function decoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
