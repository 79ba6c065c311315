import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { NOT_FOUND } from '../../../libs/freeswitch/xml/not-found.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createDirectoryApp } from '../../../services/directory/directory-app.ts';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import { labModel } from '../../support/directory/lab-model.ts';
import { readRecordedLookups, readRecordedRun } from '../../support/directory/recorded-lookup.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';

const FRESH = {
  isLoaded: true,
  isFresh: true,
  ageMs: 0,
  revision: 1,
  source: 'database' as const,
  problem: undefined,
};
const app = createDirectoryApp({
  credentials: { username: 'freeswitch', password: 'secret' },
  snapshot: { model: labModel(), state: () => FRESH },
  surroundings: () => surroundingsOf(labModel()),
  pool: new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' }),
  notice: () => undefined,
  lastQuestions: { note: () => undefined },
  health: () => ({ ready: true, reasons: [] }),
  logger: createLogger({ service: 'directory', level: 'silent' }),
  metrics: createMetrics('directory'),
});
after(() => app.close());

/** The lab's 401, 500 and 204 were its own faults; the one with the wrong password is refused by us too. */
function expectedUser(name: string, body: string): string | undefined {
  return name.includes('-found') ? new URLSearchParams(body).get('user')?.toString() : undefined;
}

for (const { name, path, headers, body } of readRecordedLookups()) {
  test(`recorded ${name}`, async () => {
    const answer = await app.inject({ method: 'POST', url: path, headers, payload: body });
    if (name.includes('http401')) {
      assert.equal(answer.statusCode, 401);
      return;
    }
    assert.equal(answer.statusCode, 200);
    assert.match(String(answer.headers['content-type']), /^text\/xml/);
    const user = readAnsweredUser(answer.body);
    assert.equal(user?.id, expectedUser(name, body));
    if (user === undefined) assert.equal(answer.body, NOT_FOUND);
    else assert.equal(user.domain, 'lab.test');
  });
}

test('every question of run 01 is answered as it was then', async () => {
  const questions = readRecordedRun();
  assert.equal(questions.length, 55);
  for (const { name, path, headers, body, reply } of questions) {
    const answer = await app.inject({ method: 'POST', url: path, headers, payload: body });
    assert.equal(answer.statusCode, 200, name);
    const before = readAnsweredUser(reply);
    const user = readAnsweredUser(answer.body);
    assert.equal(user?.id, before?.id, name);
    if (user === undefined) assert.equal(answer.body, NOT_FOUND);
    for (const variable of Object.keys(before?.variables ?? {})) {
      assert.equal(user?.variables[variable], before?.variables[variable], `${name}: ${variable}`);
    }
  }
});

test('the section decides, whatever path it is posted to', async () => {
  const lookup = readRecordedLookups().find(({ name }) => name.includes('REGISTER-found.txt'));
  for (const path of ['/freeswitch', '/freeswitch/dialplan', '/freeswitch/configuration']) {
    const { headers = {}, body = '' } = lookup ?? {};
    const answer = await app.inject({ method: 'POST', url: path, headers, payload: body });
    assert.equal(readAnsweredUser(answer.body)?.id, '1001', path);
  }
});
