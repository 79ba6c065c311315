import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_CONTEXT } from '../../../libs/calls/call-context.ts';
import { noEvidence } from '../../../libs/calls/evidence.ts';
import { foldLeg } from '../../../libs/calls/fold-leg.ts';
import type { Leg } from '../../../libs/calls/leg.ts';
import { type CallSummary, summarise } from '../../../libs/calls/summarise.ts';

const at = (seconds: number) => 1_795_000_000_000_000 + Math.round(seconds * 1_000_000);

type Given = Partial<Omit<Leg, 'start_us' | 'answer_us' | 'end_us'>> & {
  /** seconds */
  start: number;
  answer?: number;
  end?: number;
};

/** A leg of fs01 that ended normally, unless something else is given. */
function leg(uuid: string, { start, answer, end, ...given }: Given): Leg {
  const nothing = noEvidence({ uuid, start_us: at(start), node: 'fs01', core_uuid: null });
  return {
    ...foldLeg(nothing, { fate: undefined, nowUs: 0, nodeLostMs: 0 }),
    direction: 'inbound',
    answer_us: answer === undefined ? null : at(answer),
    end_us: end === undefined ? null : at(end),
    state: end === undefined ? 'ringing' : 'ended',
    hangup_cause: end === undefined ? null : 'NORMAL_CLEARING',
    ...given,
  };
}

/** The same whatever the order of legs. */
function call(...legs: Leg[]): CallSummary {
  const made = [legs, legs.toReversed(), [...legs.slice(1), ...legs.slice(0, 1)]].map((order) =>
    summarise(order, NO_CONTEXT),
  );
  for (const other of made) assert.deepEqual(other, made[0], 'the order of legs decided');
  return made[0] as CallSummary;
}

const told = ({ disposition, hangup_cause, hangup_by, answered_by, billsec }: CallSummary) => ({
  disposition,
  hangup_cause,
  hangup_by,
  answered_by,
  billsec,
});

describe('a proxy tries several servers with one request', () => {
  const request = { sip_call_id: 'one-call', destination_number: '+442071838750' } as const;
  const refused = leg('refused', {
    ...request,
    start: 0,
    end: 0.2,
    hangup_cause: 'NORMAL_TEMPORARY_FAILURE',
  });
  const taken = leg('taken', {
    ...{ ...request, node: 'fs02', start: 0.3, progress_us: at(1.3), answer: 5, end: 35 },
    sip_hangup_disposition: 'recv_bye',
  });
  const phone = leg('phone', {
    ...{
      node: 'fs02',
      direction: 'outbound',
      originator: 'taken',
      user: '1001',
      start: 0.4,
      answer: 4.99,
      end: 35,
    },
    ...{ partners: ['taken'], sip_call_id: 'to-the-phone', sip_hangup_disposition: 'send_bye' },
  });

  it('one after the other: the call is what came of the one that took it', () => {
    const made = call(refused, taken, phone);
    assert.deepEqual(told(made), {
      ...{ disposition: 'answered', hangup_cause: 'NORMAL_CLEARING', hangup_by: 'caller' },
      ...{ answered_by: 'user', billsec: 30 },
    });
    assert.deepEqual([made.nodes, made.callee, made.pdd_ms], [['fs01', 'fs02'], '+442071838750', 1_300]);
  });

  it('at once: the one that loses is not the call, though it began first', () => {
    const lost = {
      ...refused,
      end_us: at(5),
      hangup_cause: 'LOSE_RACE',
      sip_hangup_disposition: 'recv_cancel',
    };
    assert.equal(call(lost, taken, phone).disposition, 'answered');
  });

  it('in vain: the call is what the last of them said', () => {
    const busy = { ...taken, answer_us: null, end_us: at(2), hangup_cause: 'USER_BUSY' };
    assert.deepEqual(
      [call(refused, busy).disposition, call(refused, busy).hangup_cause],
      ['busy', 'USER_BUSY'],
    );
  });

  it('but a leg that one of ours sent on under the same Call-ID is the far end, not another try', () => {
    const unheard = { ...refused, end_us: at(20), hangup_cause: 'ORIGINATOR_CANCEL' };
    const sent = leg('sent', {
      ...{ ...request, direction: 'outbound', originator: 'refused', partners: ['refused'] },
      ...{ start: 0.1, end: 20, hangup_cause: 'ORIGINATOR_CANCEL' },
    });
    const far = { ...taken, end_us: at(19.9) };
    assert.equal(call(unheard, sent, far).disposition, 'cancelled');
  });
});

describe('a call over servers', () => {
  const caller = leg('a', {
    start: 0,
    answer: 3,
    end: 60,
    sip_call_id: 'a',
    sip_hangup_disposition: 'recv_bye',
  });
  const sent = leg('b', {
    ...{ start: 0.1, answer: 3, end: 60, direction: 'outbound', originator: 'a', partners: ['a'] },
    ...{ sip_call_id: 'b', sip_hangup_disposition: 'send_bye' },
  });
  const far = (ahead: number, more: Partial<Given> = {}) =>
    leg('c', {
      ...{ node: 'fs02', start: ahead + 0.2, answer: ahead + 3, end: ahead + 60, sip_call_id: 'b' },
      ...{ sip_hangup_disposition: 'recv_bye', ...more },
    });
  const talk = ({ duration, billsec, hangup_by }: CallSummary) => ({ duration, billsec, hangup_by });

  it('whose clocks are minutes apart is as long as on either of them', () => {
    for (const ahead of [0, 2, 170, -2, -170]) {
      const expected = { duration: 60, billsec: 57, hangup_by: 'caller' };
      assert.deepEqual(talk(call(caller, sent, far(ahead))), expected, `${ahead} s`);
    }
  });

  it('that one of them lost stays as long as the one that died says, by its own clock', () => {
    const cut = far(0, { end: 20, is_interrupted: true, hangup_cause: null, sip_hangup_disposition: null });
    assert.deepEqual(talk(call(caller, sent, cut)), { duration: 60, billsec: 17, hangup_by: 'system' });
  });

  it('that the middle one transferred goes on with whom it was transferred to', () => {
    const middle = far(0, { transfer_history: ['1795000020:x:bl_xfer:1009/default/XML'] });
    const left = leg('d', {
      ...{
        node: 'fs02',
        start: 0.3,
        answer: 3,
        end: 20,
        direction: 'outbound',
        originator: 'c',
        partners: ['c'],
      },
      ...{ sip_call_id: 'd', sip_hangup_disposition: 'send_bye' },
    });
    const last = leg('e', { node: 'fs03', start: 0.4, answer: 3, end: 20, sip_call_id: 'd' });
    const next = leg('f', {
      ...{
        node: 'fs02',
        start: 20.1,
        answer: 22,
        end: 60,
        direction: 'outbound',
        originator: 'c',
        user: '1009',
      },
      ...{ partners: ['c'], sip_call_id: 'f', sip_hangup_disposition: 'send_bye' },
    });
    const made = call(caller, sent, middle, left, last, next);
    assert.deepEqual(made.nodes, ['fs01', 'fs02', 'fs03']);
    assert.deepEqual(talk(made), { duration: 60, billsec: 57, hangup_by: 'caller' });
    assert.deepEqual(made.transfers, [{ at_us: at(20), kind: 'blind', to: '1009' }]);
  });
});

describe('a group call', () => {
  const rung = (uuid: string, hangup_cause: string) =>
    leg(uuid, { start: 0.1, end: 8, direction: 'outbound', originator: 'g', partners: ['g'], hangup_cause });

  it('that a phone of another server picks up was answered by its user', () => {
    const caller = leg('g', {
      start: 0,
      answer: 8,
      end: 30,
      sip_hangup_disposition: 'recv_bye',
      destination_number: '600',
    });
    const phone = leg('p', { node: 'fs02', start: 7.9, answer: 8.01, end: 30, user: '1005' });
    const sent = leg('q', {
      ...{
        node: 'fs02',
        start: 7.95,
        answer: 8,
        end: 30,
        direction: 'outbound',
        originator: 'p',
        partners: ['p'],
      },
      sip_call_id: 'pick-up',
    });
    const arrived = leg('r', { start: 7.97, answer: 8, end: 30, partners: ['g'], sip_call_id: 'pick-up' });
    const made = call(caller, rung('x', 'PICKED_OFF'), rung('y', 'LOSE_RACE'), phone, sent, arrived);
    assert.deepEqual(told(made), {
      ...{ disposition: 'answered', hangup_cause: 'NORMAL_CLEARING', hangup_by: 'caller' },
      ...{ answered_by: 'user', billsec: 22 },
    });
    assert.deepEqual([made.nodes, made.callee], [['fs01', 'fs02'], '600']);
  });
});

describe('a call of one leg', () => {
  it('of which only the CDR of the called side came is what that leg was', () => {
    const made = call(
      leg('b', {
        ...{ start: 0, answer: 2, end: 40, direction: 'outbound', originator: 'unseen', user: '1009' },
        ...{ destination_number: '1009', sip_hangup_disposition: 'recv_bye' },
      }),
    );
    assert.deepEqual(told(made), {
      ...{ disposition: 'answered', hangup_cause: 'NORMAL_CLEARING', hangup_by: 'callee' },
      ...{ answered_by: 'user', billsec: 38 },
    });
  });

  it('of which nobody says who answered, nobody answered by a guess: the leg it was connected with is not there, or nothing is known', () => {
    const answered = { start: 0, answer: 5, end: 60 };
    const by = (given: Partial<Leg>) => call(leg('a', { ...answered, ...given })).answered_by;
    assert.equal(by({ direction: 'inbound' }), 'ivr');
    assert.equal(by({ direction: 'inbound', partners: ['unseen'] }), null);
    assert.equal(by({ direction: null }), null);
    assert.equal(by({ direction: null, application: 'voicemail' }), 'voicemail');
    assert.equal(by({ direction: 'outbound' }), null, 'a user or somebody outside');
    assert.equal(by({ direction: 'outbound', peer_ip: '192.0.2.9' }), 'external');
    assert.equal(by({ direction: 'outbound', trunk: 'carrier' }), 'external');
    const span = { direction: 'outbound', channel_name: 'FreeTDM/1:1/02071838750' } as const;
    assert.equal(
      by(span),
      'external',
      'FreeSWITCH told of the leg itself, which has no address where it is no SIP',
    );
  });

  it('of a history that does not say how it ended was hung up by nobody knows whom', () => {
    const by = (given: Partial<Leg>) => call(leg('a', { start: 0, answer: 5, end: 60, ...given })).hangup_by;
    assert.equal(by({ direction: null }), null);
    assert.equal(by({ direction: null, sip_hangup_disposition: 'recv_bye' }), 'caller');
    assert.equal(by({ direction: 'inbound' }), 'callee');
  });

  it('that heard an announcement and gave up was not answered', () => {
    const given = { start: 0, end: 12, progress_media_us: at(1), sip_hangup_disposition: 'recv_cancel' };
    const made = call(leg('early', given));
    assert.deepEqual([made.disposition, made.billsec, made.pdd_ms], ['cancelled', 0, 1_000]);
  });

  it('that was answered and ended in the same moment was answered', () => {
    const made = call(leg('zero', { start: 0, answer: 5, end: 5 }));
    assert.deepEqual([made.disposition, made.billsec, made.duration], ['answered', 0, 5]);
  });

  it('of a day and more, over the end of a month, is as long as it was', () => {
    const made = call(leg('long', { start: 0, answer: 1, end: 90_001 }));
    assert.deepEqual([made.billsec, made.duration], [90_000, 90_001]);
  });

  it('that rang for longer than milliseconds can be counted in rang for nobody knows how long', () => {
    const day = 86_400;
    const rang = (days: number) => call(leg('long', { start: 0, answer: days * day, end: 40 * day }));
    assert.equal(rang(24).pdd_ms, 24 * day * 1_000);
    const made = rang(25);
    assert.deepEqual([made.pdd_ms, made.billsec], [null, 15 * day]);
  });
});

describe('a leg that came over a proxy and the one that it made carry one header and one Max-Forwards', () => {
  const header = { correlation_id: 'one-call', max_forwards: 68, start: 0, answer: 1, end: 5 };
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    it(`the leg that was there first is the first of the path: ${first} made ${second}`, () => {
      const made = call(
        leg(first, { ...header, sip_call_id: 'near' }),
        leg(second, { ...header, sip_call_id: 'far', direction: 'outbound', originator: first }),
      );
      assert.deepEqual(made.legs, [first, second]);
    });
  }
});
