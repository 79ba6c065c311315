import { NOT_FOUND } from '../../libs/freeswitch/xml/not-found.ts';
import type { LeftOut } from './list-limit.ts';

/** What an answer is about, for metrics; `unknown`: nobody of this name is in the snapshot. */
export type AnswerKind =
  | 'user'
  | 'group'
  | 'users'
  | 'domain'
  | 'gateways'
  | 'dialplan'
  | 'configuration'
  | 'password-change'
  | 'not-found'
  | 'unknown';

/** What we say. */
export interface Answer {
  kind: AnswerKind;
  xml: string;
  /** a list did not fit */
  leftOut?: LeftOut | undefined;
}

/** The question is none that we answer: FreeSWITCH goes on to its next binding. */
export const NOTHING_TO_SAY: Answer = { kind: 'not-found', xml: NOT_FOUND };
/** What is asked about does not exist, as far as this snapshot goes. */
export const UNKNOWN: Answer = { kind: 'unknown', xml: NOT_FOUND };
