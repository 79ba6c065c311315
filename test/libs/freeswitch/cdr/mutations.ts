import assert from 'node:assert/strict';
import { decodeBody } from '../../../../libs/freeswitch/cdr/cdr-body.ts';
import { type ParsedCdr, parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import fc from '../../../support/properties.ts';
import { recordedPosts, spoolFiles } from '../../../support/recorded-cdrs.ts';

const LONGEST_MS = 50;
const REASONS = /^cdr-(empty|unrecognised|truncated|malformed|ambiguous|no-uuid|no-start)$/;

const bodies = [...recordedPosts(), ...spoolFiles()].map(({ body }) => body);

/** Bytes that mean something to XML, JSON, a form, or PostgreSQL. */
const piece = fc.constantFrom(
  ...[
    '<',
    '>',
    '&',
    '%',
    '<!',
    '</',
    '"',
    '\n',
    '{',
    '\0',
    '\\',
    ']]>',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '&b;',
    '&#x0;',
  ],
  ...[
    '<__proto__>',
    '</__proto__>',
    '<constructor/>',
    '<123>x</123>',
    '<set x>',
    '%00',
    '%',
    '+',
    '\u{d800}',
    '\u00ff',
  ],
  '<variables>',
  '</cdr>',
  '<callflow>',
  '"variables":{',
);
const edit = fc.record({
  kind: fc.constantFrom('overwrite', 'insert', 'delete', 'repeat'),
  at: fc.nat(30_000),
  length: fc.oneof(fc.nat(8), fc.nat(4_000)),
  piece,
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** A recorded CDR as it was posted, or its document alone, with up to eight places damaged. */
const damaged = fc
  .record({
    index: fc.nat(bodies.length - 1),
    isBare: fc.boolean(),
    edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
  })
  .map(({ index, isBare, edits }) => {
    const body = bodies[index] ?? Buffer.alloc(0);
    return edits.reduce(damage, isBare ? decodeBody(body).document : body);
  });

function damage(bytes: Buffer, { kind, at, length, piece: text }: Edit): Buffer {
  const from = bytes.length === 0 ? 0 : at % bytes.length;
  const rest = bytes.subarray(from);
  const head = bytes.subarray(0, from);
  if (kind === 'insert') return Buffer.concat([head, Buffer.from(text), rest]);
  if (kind === 'delete') return Buffer.concat([head, rest.subarray(length)]);
  if (kind === 'repeat') return Buffer.concat([head, rest.subarray(0, length), rest]);
  return Buffer.concat([head, Buffer.from(text), rest.subarray(text.length)]);
}

/**
 * Damages real CDRs so many times: each is read, or refused with a coded reason, in less than 50 ms of CPU time, and what
 * is read does not depend on which variables are wanted.
 */
export function assertSurvives(numRuns: number): void {
  const prototype = Object.getOwnPropertyNames(Object.prototype);
  let slowest = 0;
  fc.assert(
    fc.property(damaged, (body) => {
      const before = cpuMs();
      const some = parseCdr(body, { receivedUs: 1, keepVariable: () => false });
      slowest = Math.max(slowest, cpuMs() - before);
      const all = parseCdr(body, { receivedUs: 1, keepVariable: () => true });
      assert.deepEqual(withoutVariables(some), withoutVariables(all));
      if ('reject' in some) assert.match(some.reject.reason, REASONS);
    }),
    { numRuns },
  );
  assert.deepEqual(
    Object.getOwnPropertyNames(Object.prototype),
    prototype,
    'nothing was added to every object',
  );
  assert.ok(slowest < LONGEST_MS, `the slowest took ${slowest} ms`);
}

function withoutVariables(parsed: ParsedCdr): unknown {
  return 'ok' in parsed ? { ...parsed.ok, variables: {} } : parsed;
}

/** Of this thread alone: a loaded machine stops a process for longer than any input does. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
