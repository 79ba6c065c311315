import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { PairChange } from '../../../libs/provisioning/pairs.ts';
import type { PairKind } from '../../../libs/provisioning/reserved-params.ts';

/** The free pairs of a command line. */
export interface PairOptions {
  param?: string[];
  variable?: string[];
  vm?: string[];
}

const KINDS: readonly (readonly [keyof PairOptions, PairKind])[] = [
  ['param', 'param'],
  ['variable', 'variable'],
  ['vm', 'voicemail'],
];

/** Options that may be given several times: `--param timezone=Europe/Rome`; an empty value takes it away. */
export function addPairOptions(command: Command): Command {
  return command
    .option('--param <name=value>', 'a param; an empty value takes it away', collect)
    .option('--variable <name=value>', 'a channel variable; an empty value takes it away', collect);
}

/** Gathers what an option is given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** @throws CodedError `value-refused` */
export function readPairs(options: PairOptions): PairChange[] {
  return KINDS.flatMap(([option, kind]) => (options[option] ?? []).map((text) => readPair(kind, text)));
}

function readPair(kind: PairKind, text: string): PairChange {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new CodedError('value-refused', `${JSON.stringify(text)} must look like name=value`);
  const value = text.slice(equals + 1);
  return { kind, name: text.slice(0, equals), value: value === '' ? null : value };
}

/** `1001@sip.example.com`. @throws CodedError `value-refused` */
export function splitAddress(address: string, example: string): { name: string; domain: string } {
  const at = address.lastIndexOf('@');
  if (at > 0) return { name: address.slice(0, at), domain: address.slice(at + 1) };
  throw new CodedError('value-refused', `${JSON.stringify(address)} must look like ${example}`);
}

/** `--enable`, `--disable`, or neither. */
export function readEnabled({
  enable,
  disable,
}: {
  enable?: boolean;
  disable?: boolean;
}): boolean | undefined {
  if (enable && disable) throw new CodedError('value-refused', 'either --enable or --disable');
  return enable ? true : disable ? false : undefined;
}
