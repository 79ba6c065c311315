import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { NOT_FOUND } from '../../../libs/freeswitch/xml/not-found.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createDirectoryApp } from '../../../services/directory/directory-app.ts';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import { labModel } from '../../support/directory/lab-model.ts';
import { readRecordedLookups } from '../../support/directory/recorded-lookup.ts';

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

test('the section decides, whatever path it is posted to', async () => {
  const lookup = readRecordedLookups().find(({ name }) => name.includes('REGISTER-found.txt'));
  for (const path of ['/freeswitch', '/freeswitch/dialplan', '/freeswitch/configuration']) {
    const { headers = {}, body = '' } = lookup ?? {};
    const answer = await app.inject({ method: 'POST', url: path, headers, payload: body });
    assert.equal(readAnsweredUser(answer.body)?.id, '1001', path);
  }
});
