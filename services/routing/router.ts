import { createHash } from 'node:crypto';
import type { Clock } from '../../libs/clock/clock.ts';
import { callDocument } from '../../libs/kamailio/call-document.ts';
import type { CallDecision, CallQuestion } from '../../libs/routing/call-decision.ts';
import { decideCall } from '../../libs/routing/decide-call.ts';
import { decideDid } from '../../libs/routing/decide-did.ts';
import { decideNode } from '../../libs/routing/decide-node.ts';
import { decideTrunk } from '../../libs/routing/decide-trunk.ts';
import { explainCall, loadAge } from '../../libs/routing/explain.ts';
import type { LoadBoard } from '../../libs/routing/load/load-board.ts';
import type { RoutingModel } from '../../libs/routing/routing-model.ts';
import type { RoutingState } from '../../libs/routing/routing-state.ts';
import { userOf } from '../../libs/routing/sip-address.ts';
import { createTrace } from '../../libs/routing/trace.ts';
import { DEST_TYPES } from '../../libs/snapshot/tables/did-routing.ts';
import type { Question } from './question.ts';

export interface RouterOptions {
  /** asked anew each time: a full load replaces the model */
  model: () => RoutingModel;
  board: LoadBoard;
  clock: Clock;
  correlationHeader: string;
}

/** What is answered, as an object that becomes one line of JSON. */
export type Answer = { result: 'route' | 'reject'; degraded?: boolean };

/** Decides, and remembers what was given away. */
export interface Router {
  did(number: string, question: Question): Answer;
  trunk(number: string, question: Question): Answer;
  node(question: Question): Answer;
  call(question: Question): Answer;
  /** The same decisions with everything considered; gives nothing away. */
  explain(question: Question): Answer;
}

export function createRouter({ model, board, clock, correlationHeader }: RouterOptions): Router {
  let asked = 0;
  const state = (): RoutingState => {
    asked = (asked + 1) % Number.MAX_SAFE_INTEGER;
    return { model: model(), load: board, nowUs: clock.nowUs(), seed: String(asked) };
  };

  function trunk(number: string, question: Question): Answer {
    const now = state();
    const answer = decideTrunk(now, trunkQuestion(number, question));
    if (answer.result === 'route') {
      board.assign({ callId: undefined, trunk: answer.trunks[0]?.trunk }, now.nowUs);
    }
    return answer;
  }

  function node(question: Question): Answer {
    const now = state();
    const answer = decideNode(now, nodeQuestion(question));
    if (answer.result === 'reject') return answer;
    const { call_id: callId, pin } = question;
    board.assign({ callId, node: answer.nodes[0]?.node, pin }, now.nowUs);
    return { ...answer, ...answer.nodes[0] };
  }

  function call(question: Question): Answer {
    const now = state();
    const asked = callQuestion(question);
    const decision = decideCall(now, asked);
    // Who has shown no password is challenged, and asks again: only a DID may be called without one.
    if (question.auth !== 'none' || decision.kind === 'inbound')
      assignCall(decision, asked.callId, now.nowUs);
    const { correlation_id: given } = question;
    return callDocument(decision, {
      correlationHeader,
      correlationId: given || correlationIdOf(asked.callId ?? now.seed),
      isCorrelated: Boolean(given),
    });
  }

  function assignCall(decision: CallDecision, callId: string | undefined, nowUs: number): void {
    if (decision.result === 'reject') return;
    const [first] = decision.legs;
    if (first === undefined) return;
    if (first.kind === 'node') board.assign({ callId, node: first.choice.node, pin: decision.pin }, nowUs);
    else board.assign({ callId: undefined, trunk: first.choice.trunk }, nowUs);
  }

  function explain(question: Question): Answer {
    const now = state();
    if (question.kind === 'node') {
      const trace = createTrace();
      const decision = decideNode(now, nodeQuestion(question), trace);
      return { result: decision.result, ...{ decision, steps: trace.steps, load: loadAge(now) } };
    }
    const explanation = explainCall(now, callQuestion(question));
    return { result: explanation.decision.result, ...explanation };
  }

  return {
    did: (number, { domain }) => decideDid(state(), { number: userOf(number), domain }),
    trunk,
    node,
    call,
    explain,
  };
}

function trunkQuestion(number: string, { domain, caller, attempted, call_id: callId }: Question) {
  return {
    number: userOf(number),
    domain,
    caller: caller && userOf(caller),
    attempted: words(attempted),
    callId,
  };
}

function nodeQuestion({ set, domain, call_id: callId, src, pin, attempted, dest_type }: Question) {
  const destType = DEST_TYPES.find((type) => type === dest_type);
  const setId = set === undefined || set === '' || !/^\d{1,9}$/.test(set) ? undefined : Number(set);
  return { set: setId, destType, domain, callId, src, pin, attempted: words(attempted) };
}

function callQuestion(question: Question): CallQuestion {
  const { to = '', from = '', domain, src, call_id: callId, attempted, via } = question;
  return {
    to,
    from,
    domain: domain === '' ? undefined : domain,
    src: src === '' ? undefined : src,
    callId: callId === '' ? undefined : callId,
    attempted: words(attempted),
    nodeFirst: via === 'node',
  };
}

const NOTHING: ReadonlySet<string> = new Set();

/** `a,b` → both. */
function words(list: string | undefined): ReadonlySet<string> {
  if (list === undefined || list === '') return NOTHING;
  return new Set(list.split(',').map((word) => word.trim()));
}

/** The same call gets the same id from every instance, however often it is asked about. */
function correlationIdOf(callId: string): string {
  const digest = createHash('sha256').update(callId).digest('hex');
  const part = (from: number, to: number) => digest.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`;
}
