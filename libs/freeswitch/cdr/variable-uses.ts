import { nameOf } from '../kept-value.ts';
import { isFoldedVariable } from '../leg-variables.ts';
import { isFieldVariable } from './cdr-fields.ts';

/** What a variable is read for, as bits: typed fields, the legs, the row's `variables`. */
const IN_FIELDS = 1;
export const IN_LEG = 2;
export const IN_ROW = 4;

/** What becomes of variables under a configured list. */
export interface VariableUses {
  /** the bits of a variable, 0 for one that nobody reads */
  of(name: string): number;
  /** whether anybody reads it */
  isRead(name: string): boolean;
}

type Keep = (name: string) => boolean;

/** FreeSWITCH and its modules set some 600; callers and dialplans may invent names without end. */
const MAX_REMEMBERED = 4_096;
const MAX_NAME = 128;

const remembered = new WeakMap<Keep, VariableUses>();

/** Remembers what was decided of each name, since every CDR brings the same two hundred. */
export function usesOf(keep: Keep): VariableUses {
  const known = remembered.get(keep);
  if (known !== undefined) return known;
  const bits = new Map<string, number>();
  const of = (name: string) => {
    const decided = bits.get(name);
    if (decided !== undefined) return decided;
    const found = decide(name, keep);
    if (bits.size < MAX_REMEMBERED && name.length <= MAX_NAME) bits.set(nameOf(name), found);
    return found;
  };
  const uses = { of, isRead: (name: string) => of(name) !== 0 };
  remembered.set(keep, uses);
  return uses;
}

function decide(name: string, keep: Keep): number {
  return (
    (isFieldVariable(name) ? IN_FIELDS : 0) |
    (isFoldedVariable(name) ? IN_LEG : 0) |
    (keep(name) ? IN_ROW : 0)
  );
}
