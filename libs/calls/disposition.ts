import type { Disposition } from '../records/call.ts';
import type { Conversation } from './conversation.ts';
import type { Leg } from './leg.ts';

/** FreeSWITCH's hangup causes, by what they mean for a call that nobody answered; all others are failures. */
const OUTCOMES: Readonly<Record<string, Disposition>> = {
  ORIGINATOR_CANCEL: 'cancelled',
  USER_BUSY: 'busy',
  NO_ANSWER: 'no-answer',
  NO_USER_RESPONSE: 'no-answer',
  ALLOTTED_TIMEOUT: 'no-answer',
  PROGRESS_TIMEOUT: 'no-answer',
};

/** Causes of the first leg that only say that it is over: the legs it rang know why. */
const VAGUE = new Set(['NORMAL_CLEARING', 'NORMAL_UNSPECIFIED', 'NONE', 'UNSPECIFIED']);

/** What came of a call that is over; `path` is in order of the SIP path. */
export function dispositionOf(path: readonly Leg[], conversation: Conversation): Disposition {
  if (conversation.answer_us !== null) return conversation.isCut ? 'interrupted' : 'answered';
  const [first, ...others] = path;
  if (first === undefined) return 'failed';
  // It was answered, by a queue or a parking lot, but nobody came.
  if (first.answer_us !== null) return first.is_interrupted ? 'interrupted' : 'cancelled';
  if (first.is_interrupted) return 'interrupted';
  const cause = first.hangup_cause ?? '';
  if (cause !== '' && !VAGUE.has(cause)) return OUTCOMES[cause] ?? 'failed';
  return vagueOutcome(first, others);
}

const BEST_FIRST: readonly Disposition[] = ['no-answer', 'busy', 'cancelled'];

function vagueOutcome(first: Leg, others: readonly Leg[]): Disposition {
  if (first.sip_hangup_disposition === 'recv_cancel') return 'cancelled';
  const found = new Set(others.map(({ hangup_cause }) => OUTCOMES[hangup_cause ?? '']));
  return BEST_FIRST.find((disposition) => found.has(disposition)) ?? 'failed';
}
