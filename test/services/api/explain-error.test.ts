import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseError } from 'pg';
import { HttpError } from '../../../libs/http/problem.ts';
import { explainError } from '../../../services/api/explain-error.ts';

function databaseError(code: string): DatabaseError {
  const error = new DatabaseError('what PostgreSQL says', 1, 'error');
  error.code = code;
  return error;
}

for (const [sqlState, code] of [
  ['40P01', 'changes-collide'],
  ['57014', 'search-timed-out'],
  ['55P03', 'search-timed-out'],
  ['57P01', 'database-unavailable'],
  ['53300', 'database-unavailable'],
] as const) {
  test(`${sqlState} of the database is a 503 that says when to come again, and not what PostgreSQL said`, () => {
    const told = explainError(databaseError(sqlState));
    assert.ok(told instanceof HttpError);
    assert.deepEqual([told.statusCode, told.code, (told.retryAfter ?? 0) > 0], [503, code, true]);
    assert.doesNotMatch(told.message, /PostgreSQL says/);
  });
}

test('what nobody expected stays what it is: the log has it, the client does not', () => {
  const error = databaseError('42703');
  assert.equal(explainError(error), error);
});
