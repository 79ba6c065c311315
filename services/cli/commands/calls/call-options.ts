import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { checkWord } from '../../../../libs/provisioning/value.ts';
import { DISPOSITIONS } from '../../../../libs/records/call.ts';
import type { CallFilter } from '../../../../libs/store/search/call-filter.ts';
import type { SearchSpan } from '../../../../libs/store/search/call-search.ts';
import { readNumbers } from '../../../../libs/store/search/number-term.ts';
import { QUALITY_TAGS } from '../../../../libs/store/search/quality.ts';
import { collect } from '../entry-options.ts';
import { momentOf } from '../moment.ts';

/** What `switchfleet calls` can be asked for, as commander gives it. */
export interface CallOptions {
  from?: string;
  to?: string;
  number?: string;
  caller?: string;
  callee?: string;
  did?: string;
  tenant?: string;
  domain?: string;
  trunk?: string;
  node?: string;
  live?: boolean;
  direction?: string;
  disposition?: string[];
  hangupCause?: string[];
  minDuration?: string;
  maxDuration?: string;
  minTalk?: string;
  maxTalk?: string;
  minMos?: string;
  maxMos?: string;
  quality?: string[];
  sipCallId?: string;
  leg?: string;
  account?: string;
}

const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
const NUMBERS = '+4930123, 4930* by its beginning, *0123 by its end; several with commas';

/** The same searches as the api's. */
export function addCallOptions(command: Command): Command {
  return command
    .option('--from <time>', 'calls that began then or later: 2026-11-01 or 2026-11-01T08:00 (UTC)')
    .option('--to <time>', 'calls that began before')
    .option('--number <numbers>', `caller, callee or DID: ${NUMBERS}`)
    .option('--caller <numbers>', 'caller')
    .option('--callee <numbers>', 'the number that the first server was asked for')
    .option('--did <numbers>', 'DID')
    .option('--tenant <tenant>', "this tenant's")
    .option('--domain <domain>', 'of this SIP domain')
    .option('--trunk <trunk>', 'carrier connection that it came or went by')
    .option('--node <switchname>', 'a server that it was on')
    .option('--live', 'only calls that are up')
    .option('--direction <direction>', DIRECTIONS.join(', '))
    .option('--disposition <word>', `${DISPOSITIONS.join(', ')}; several times for several`, collect)
    .option('--hangup-cause <cause>', 'as FreeSWITCH names it; several times for several', collect)
    .option('--min-duration <seconds>', 'from start to end')
    .option('--max-duration <seconds>', 'from start to end')
    .option('--min-talk <seconds>', 'from answer to end')
    .option('--max-talk <seconds>', 'from answer to end')
    .option('--min-mos <score>', 'mean opinion score')
    .option('--max-mos <score>', 'mean opinion score')
    .option(
      '--quality <tag>',
      `what it suffered from: ${QUALITY_TAGS.join(', ')}; several times for all`,
      collect,
    )
    .option('--sip-call-id <id>', 'Call-ID of a leg')
    .option('--leg <uuid>', 'uuid of a leg')
    .option('--account <code>', 'accountcode of a leg');
}

/** @throws CodedError `number-invalid`, `value-refused` */
export function readCallFilter(options: CallOptions): CallFilter {
  const { tenant, domain, trunk, node, leg, account, live, direction, sipCallId } = options;
  const numbers = (text: string | undefined) => (text === undefined ? undefined : readNumbers(text));
  return {
    ...{ tenant, domain, trunk, node, leg, account, sip_call_id: sipCallId },
    state: live === true ? 'live' : undefined,
    direction: direction === undefined ? undefined : checkWord('direction', direction, DIRECTIONS),
    number: numbers(options.number),
    caller: numbers(options.caller),
    callee: numbers(options.callee),
    did: numbers(options.did),
    disposition: options.disposition?.map((word) => checkWord('disposition', word, DISPOSITIONS)),
    hangup_cause: options.hangupCause,
    duration: boundsOf('duration', options.minDuration, options.maxDuration),
    billsec: boundsOf('talk', options.minTalk, options.maxTalk),
    mos: boundsOf('mos', options.minMos, options.maxMos),
    quality: options.quality?.map((tag) => checkWord('quality', tag, QUALITY_TAGS)),
  };
}

/** @throws CodedError `time-invalid` */
export function readCallSpan({ from, to }: CallOptions): SearchSpan {
  return {
    fromUs: from === undefined ? undefined : momentOf('from', from),
    toUs: to === undefined ? undefined : momentOf('to', to),
  };
}

function boundsOf(name: string, min: string | undefined, max: string | undefined) {
  return { min: amountOf(`min-${name}`, min), max: amountOf(`max-${name}`, max) };
}

function amountOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,6})?$/.test(value)) return Number(value);
  throw new CodedError('value-refused', `--${name} must be a number, and is ${JSON.stringify(value)}`);
}
