import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Slice,
  type SliceQuestion,
  searchNewestFirst,
} from '../../../../libs/store/search/sliced-search.ts';
import fc from '../../../support/properties.ts';

const MINUTE_US = 60_000_000;
const timeout = () =>
  Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });

/** A table of moments that answers a question only when there is not too much in its slice. */
function table(moments: readonly number[], mostRows: number) {
  const within = ({ fromUs, toUs }: Slice) =>
    moments.filter((at) => at >= fromUs && at < toUs).toSorted((a, b) => b - a);
  const asked: Slice[] = [];
  const run = async (question: SliceQuestion) => {
    asked.push(question);
    const found = within(question);
    if (found.length > mostRows) throw timeout();
    return found.slice(0, question.limit);
  };
  return { run, within, asked };
}

const MOMENTS = fc.uniqueArray(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 });

test('what one statement cannot answer is answered in slices, all of it, newest first, page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      MOMENTS,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 9 }),
      async (minutes, limit, mostRows) => {
        const moments = minutes.map((minute) => minute * MINUTE_US);
        const { run, within } = table(moments, mostRows);
        const got: number[] = [];
        for (let toUs = 40_001 * MINUTE_US; ; ) {
          const { rows, searchedToUs } = await searchNewestFirst<number>({
            limit,
            budgetMs: 10_000,
            wholeFirst: true,
            span: async () => ({ fromUs: 0, toUs }),
            runWhole: (question) => run({ fromUs: 0, toUs, ...question }),
            run,
          });
          assert.equal(searchedToUs, null);
          got.push(...rows);
          if (rows.length < limit) break;
          toUs = rows.at(-1) ?? 0;
        }
        assert.deepEqual(got, within({ fromUs: 0, toUs: Number.MAX_SAFE_INTEGER }));
      },
    ),
    { numRuns: 200 },
  );
});

test('a search that runs out of time says how far it got, and goes on from there', async () => {
  const moments = [28, 25, 10, 5].map((hour) => hour * 60 * MINUTE_US);
  const { within } = table(moments, 9);
  const slow = async (question: SliceQuestion) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return within(question).slice(0, question.limit);
  };
  const got: number[] = [];
  let rounds = 0;
  for (let toUs: number | null = 30 * 60 * MINUTE_US; toUs !== null; rounds += 1) {
    const upTo: number = toUs;
    const { rows, searchedToUs } = await searchNewestFirst<number>({
      limit: 50,
      budgetMs: 150,
      wholeFirst: false,
      span: async () => ({ fromUs: 0, toUs: upTo }),
      runWhole: async () => [],
      run: slow,
    });
    assert.ok(searchedToUs === null || searchedToUs < upTo, 'it gets on');
    got.push(...rows);
    toUs = searchedToUs;
  }
  assert.ok(rounds > 3, `${rounds} rounds: it never ran out of time`);
  assert.deepEqual(got, moments);
});

test('a search that gets nowhere is an error and no empty page; so is what is no timeout', async () => {
  const options = {
    limit: 5,
    budgetMs: 1_000,
    wholeFirst: true,
    span: async () => ({ fromUs: 0, toUs: 1e12 }),
  };
  const never = async () => {
    throw timeout();
  };
  await assert.rejects(searchNewestFirst({ ...options, runWhole: never, run: never }), {
    code: 'search-timed-out',
  });
  const broken = async () => {
    throw Object.assign(new Error('no such column'), { code: '42703' });
  };
  await assert.rejects(searchNewestFirst({ ...options, runWhole: broken, run: never }), { code: '42703' });
  const left = AbortSignal.abort();
  await assert.rejects(searchNewestFirst({ ...options, runWhole: never, run: never, signal: left }), {
    code: '57014',
  });
});
