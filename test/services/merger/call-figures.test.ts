import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { type CountedCall, createCallFigures } from '../../../services/merger/call-figures.ts';

const CALL: CountedCall = {
  tenant: 'acme',
  domain: 'acme.example',
  direction: 'outbound',
  callee: '0049301234567',
  trunk: 'carrier1',
  answer_us: 1_800_000_000_000_000,
  billsec: 61.5,
  pdd_ms: 1_250,
  hangup_cause: 'NORMAL_CLEARING',
  mos: 4.1,
};
const british = () => ({ country: 'GB', internationalPrefix: '00' });

/** What a list of calls makes of the metrics: value by name and labels. */
async function figuresOf(
  calls: readonly CountedCall[],
  planOf = british as Parameters<ReturnType<typeof createCallFigures>>[1],
) {
  const metrics = createMetrics('test', { sharesProcess: true });
  createCallFigures(metrics)(calls, planOf);
  const lines = (await metrics.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [
        line.slice(0, at).replace(/service="test",|,?service="test"/, ''),
        Number(line.slice(at + 1)),
      ] as const;
    }),
  );
}

test('attempts, answers, talk, causes, PDD and MOS by tenant and trunk', async () => {
  const missed = {
    ...CALL,
    answer_us: null,
    billsec: null,
    hangup_cause: 'NO_ANSWER',
    mos: null,
    pdd_ms: null,
  };
  const figures = await figuresOf([CALL, missed]);
  const labels = 'tenant="acme",trunk="carrier1"';
  assert.equal(figures.get(`switchfleet_calls_total{${labels},direction="outbound"}`), 2);
  assert.equal(figures.get(`switchfleet_calls_answered_total{${labels},direction="outbound"}`), 1);
  assert.equal(figures.get(`switchfleet_call_talk_seconds_total{${labels}}`), 61.5);
  assert.equal(figures.get(`switchfleet_call_hangup_causes_total{${labels},cause="NO_ANSWER"}`), 1);
  assert.equal(figures.get(`switchfleet_call_pdd_seconds_sum{${labels}}`), 1.25);
  assert.equal(figures.get(`switchfleet_call_pdd_seconds_count{${labels}}`), 1);
  assert.equal(figures.get(`switchfleet_call_mos_bucket{le="4",${labels}}`), 0);
  assert.equal(figures.get(`switchfleet_call_mos_bucket{le="4.2",${labels}}`), 1);
});

test('a short call is answered and over within 6 seconds', async () => {
  const figures = await figuresOf([
    { ...CALL, billsec: 2 },
    { ...CALL, billsec: 6 },
    { ...CALL, answer_us: null, billsec: 0 },
  ]);
  assert.equal(figures.get('switchfleet_calls_short_total{tenant="acme"}'), 1);
});

test('international is an outbound call to another calling code than that of its domain', async () => {
  const figures = await figuresOf([
    CALL,
    { ...CALL, callee: '+4930123456', billsec: 10 },
    { ...CALL, callee: '02071838750', billsec: 1_000 },
    { ...CALL, callee: '+442071838750', billsec: 1_000 },
    { ...CALL, callee: '1001', billsec: 1_000 },
    { ...CALL, direction: 'inbound', billsec: 1_000 },
    { ...CALL, callee: null, billsec: 1_000 },
  ]);
  assert.equal(figures.get('switchfleet_call_international_seconds_total{tenant="acme"}'), 71.5);
  const unknown = await figuresOf([CALL], () => undefined);
  assert.equal(unknown.has('switchfleet_call_international_seconds_total{tenant="acme"}'), false);
});

test('tenants, trunks, their pairs and causes beyond the bounds are counted together', async () => {
  const calls = Array.from({ length: 3_000 }, (_, at) => ({
    ...CALL,
    tenant: `tenant${at % 1_000}`,
    trunk: `trunk${at % 700}`,
    hangup_cause: `CAUSE_${at}`,
  }));
  const figures = await figuresOf(calls);
  const series = [...figures].filter(([name]) => name.startsWith('switchfleet_calls_total{'));
  assert.equal(
    series.reduce((sum, [, count]) => sum + count, 0),
    3_000,
  );
  const tenants = new Set(series.map(([name]) => /tenant="([^"]*)"/.exec(name)?.[1]));
  assert.ok(tenants.size <= 201, `${tenants.size} tenants`);
  assert.ok(series.length <= 500 + 201, `${series.length} pairs`);
  assert.ok(tenants.has('other'));
});
