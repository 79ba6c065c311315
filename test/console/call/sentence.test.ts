import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallDetail } from '../../../console/api/contract.ts';
import { tellCall } from '../../../console/call/sentence.ts';
import { CROSS, call, leg } from './stored-call.ts';

const SECOND = 1_000_000;
const tell = (fields: Parameters<typeof call>[1]) =>
  tellCall(
    call([leg({ uuid: 'a', node: 'fs01' })], {
      start_us: 0,
      answer_us: null,
      transfers: [],
      domain: null,
      ...fields,
    }),
    90 * SECOND,
  );

test('the recorded call over two servers', () => {
  assert.equal(
    tellCall(CROSS, 0),
    '15550100 called 8122000 over fs01 and fs02, the server itself answered, talked 3.5 s, the callee hung up.',
  );
});

test('answered, with its domain', () => {
  const fields = {
    domain: 'acme.example',
    callee: '1001',
    answer_us: 6 * SECOND,
    end_us: 48 * SECOND,
    billsec: 42,
  };
  assert.equal(
    tell({ ...fields, disposition: 'answered', answered_by: 'user', hangup_by: 'callee' }),
    '100 called 1001@acme.example over fs01, rang 6 s, talked 42 s, the callee hung up.',
  );
});

test('every way not to be answered', () => {
  const end = { end_us: 20 * SECOND, billsec: 0 };
  const endings: [CallDetail['disposition'], RegExp][] = [
    ['busy', /rang 20 s, the callee was busy\.$/],
    ['no-answer', /nobody answered\.$/],
    ['cancelled', /the caller gave up\.$/],
    ['failed', /it failed: NO_ROUTE_DESTINATION\.$/],
    ['interrupted', /its server died\.$/],
  ];
  for (const [disposition, pattern] of endings) {
    assert.match(tell({ ...end, disposition, hangup_cause: 'NO_ROUTE_DESTINATION' }), pattern);
  }
});

test('transfers, and calls that are up', () => {
  assert.match(
    tell({
      answer_us: SECOND,
      end_us: 9 * SECOND,
      billsec: 8,
      disposition: 'answered',
      hangup_by: 'system',
      transfers: [{ at_us: 3, kind: 'attended', to: '1002' }],
    }),
    /was transferred to 1002 \(attended\), talked 8 s, neither side ended it\.$/,
  );
  assert.equal(
    tell({ state: 'live', end_us: null, answer_us: 30 * SECOND, billsec: null, answered_by: 'user' }),
    '100 is calling 200 over fs01, rang 30 s, talking for 1 min 00 s.',
  );
  assert.match(
    tell({ state: 'live', end_us: null, caller: null }),
    /^Somebody without a number is calling .* not answered for 1 min 30 s\.$/,
  );
});
