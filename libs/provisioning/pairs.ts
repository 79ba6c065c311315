import { CodedError } from '../errors/coded-error.ts';
import { maySetPair, type PairKind, type PairRole } from './reserved-params.ts';
import { checkText } from './value.ts';
import { checkVoicemailSetting } from './voicemail-settings.ts';

/** One free param, variable or voicemail setting; `value` null takes it away. */
export interface PairChange {
  kind: PairKind;
  name: string;
  value: string | null;
}

/** Changes of one map: what is set, and the names that go. */
export interface MapChange {
  set: Record<string, string>;
  unset: string[];
}

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/**
 * Checks changes and gathers them by the map that they are of. Administrators may set everything but what is ours alone,
 * tenants what is on their list. @throws CodedError `value-refused`
 */
export function checkPairs(changes: readonly PairChange[], role: PairRole): Map<PairKind, MapChange> {
  const maps = new Map<PairKind, MapChange>();
  for (const { kind, name, value } of changes) {
    if (!NAME.test(name) || !maySetPair(kind, name, role)) {
      throw new CodedError('value-refused', `${kind} ${JSON.stringify(name)} may not be set`, {
        details: { field: kind },
      });
    }
    const map = maps.get(kind) ?? { set: {}, unset: [] };
    if (value === null) map.unset.push(name);
    else map.set[name] = textOf({ kind, name, value });
    maps.set(kind, map);
  }
  return maps;
}

function textOf({ kind, name, value }: { kind: PairKind; name: string; value: string }): string {
  const text = checkText(`${kind} ${name}`, value);
  return kind === 'voicemail' ? checkVoicemailSetting(kind, name, text) : text;
}
