import { nameOf } from '../kept-value.ts';
import { isFoldedVariable } from '../leg-variables.ts';
import { isFieldVariable } from './cdr-fields.ts';

/** What a variable is read for, as bits: typed fields, the legs, the row's `variables`. */
const IN_FIELDS = 1;
export const IN_LEG = 2;
export const IN_ROW = 4;

/** The bits of a variable, 0 for one that nobody reads. */
export type UsesOf = (name: string) => number;

type Keep = (name: string) => boolean;

/** FreeSWITCH and its modules set some 600; callers and dialplans may invent names without end. */
const MAX_REMEMBERED = 4_096;
const MAX_NAME = 128;

const remembered = new WeakMap<Keep, UsesOf>();

/** Remembers what was decided of each name, since every CDR brings the same two hundred. */
export function usesOf(keep: Keep): UsesOf {
  const known = remembered.get(keep);
  if (known !== undefined) return known;
  const bits = new Map<string, number>();
  const uses: UsesOf = (name) => {
    const decided = bits.get(name);
    if (decided !== undefined) return decided;
    const found = decide(name, keep);
    if (bits.size < MAX_REMEMBERED && name.length <= MAX_NAME) bits.set(nameOf(name), found);
    return found;
  };
  remembered.set(keep, uses);
  return uses;
}

function decide(name: string, keep: Keep): number {
  return (
    (isFieldVariable(name) ? IN_FIELDS : 0) | (isFoldedVariable(name) ? IN_LEG : 0) | (keep(name) ? IN_ROW : 0)
  );
}
