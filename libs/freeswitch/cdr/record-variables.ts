import type { CdrRecord } from '../../records/cdr-record.ts';
import type { Variables } from '../../records/variables.ts';
import { keptText, keptValue, MAX_KEPT_VARIABLES, MAX_NAME_LENGTH } from '../kept-value.ts';
import type { VariableMap } from './cdr-document.ts';
import { setOwn } from './own-property.ts';
import { IN_LEG, IN_ROW, type VariableUses } from './variable-uses.ts';

/** Of a document's variables those that a record carries, for the row and for the leg: the first of each, up to the bound. */
export function recordVariables(
  all: VariableMap,
  uses: VariableUses,
): Pick<CdrRecord, 'variables' | 'leg_variables'> {
  const variables: Record<string, Variables[string]> = {};
  const leg_variables: Record<string, Variables[string]> = {};
  let inRow = 0;
  let inLeg = 0;
  for (const [name, value] of all) {
    const use = uses.of(name) & (IN_ROW | IN_LEG);
    if (use === 0) continue;
    const kept = keptValue(value);
    if ((use & IN_ROW) !== 0 && inRow++ < MAX_KEPT_VARIABLES)
      setOwn(variables, keptText(name, MAX_NAME_LENGTH), kept);
    if ((use & IN_LEG) !== 0 && inLeg++ < MAX_KEPT_VARIABLES) setOwn(leg_variables, name, kept);
  }
  return { variables, leg_variables };
}
