import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../../../libs/config/config.ts';
import { recordingSource } from '../../../../libs/recordings/recording-source.ts';
import { apiOver } from '../../../support/api/api.ts';
import { storedRun05 } from '../../../support/stored-fleet.ts';

const ROOT = '/srv/telephony/x2/{node}/recordings';

test('recordings of run 05, whichever server made them', async (t) => {
  const fleet = await storedRun05(t, { 'lab.test': 'alpha', 'beta.example': 'beta' });
  const base = await mkdtemp(join(tmpdir(), 'switchfleet-recordings-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const call =
    fleet.calls.find(({ recording_paths }) => recording_paths[0]?.includes('/recordings/')) ?? assert.fail();
  const [path = ''] = call.recording_paths;
  const file = join(base, 'fs01', path.split('/recordings/')[1] ?? '');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'RIFF-sound');
  const sourceOf = (more: Record<string, string>) =>
    recordingSource(loadConfig({ RECORDING_ROOTS: ROOT, ...more }));
  const shared = apiOver(t, fleet.connectionString, undefined, {
    recordings: sourceOf({ RECORDING_DIR: join(base, '{node}') }),
  });
  const pool = fleet.database.write;
  await pool.query(`update calls set tenant = 'alpha' where id = $1`, [call.id]);
  const audit = async () =>
    (
      await pool.query(
        `select actor, key, tenant, after from audit_log where resource = 'recordings' order by id`,
      )
    ).rows;

  const listed = await shared.ask('GET', `/v1/calls/${call.legs[0]}/recordings`);
  const [recording] = listed.body.items ?? [];
  const url = String(recording?.['url']);
  assert.deepEqual([listed.body.items?.length, recording?.['node']], [1, 'fs01']);
  assert.ok(!listed.text.includes('/srv/'), 'paths of servers are not told');
  assert.deepEqual(await audit(), [], 'a list opens nothing');

  await t.test('are streamed, whole and in parts, and each access is noted', async () => {
    const whole = await shared.ask('GET', url);
    assert.deepEqual(
      [whole.status, whole.text, whole.headers['content-type']],
      [200, 'RIFF-sound', 'audio/wav'],
    );
    const part = await shared.ask('GET', url, { headers: { range: 'bytes=5-7' } });
    assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, 'sou', 'bytes 5-7/10']);
    const none = await shared.ask('GET', url, { headers: { range: 'bytes=10-' } });
    assert.deepEqual(
      [none.status, none.body.code, none.headers['content-range']],
      [416, 'range-not-satisfiable', 'bytes */10'],
    );
    const rows = await audit();
    assert.deepEqual(
      rows.map(({ actor, tenant, after }) => [actor, tenant, after.range]),
      [
        ['API_TOKEN', 'alpha', undefined],
        ['API_TOKEN', 'alpha', 'bytes=5-7'],
      ],
    );
    assert.equal(rows[0].key, `${call.id}/${recording?.['id']}`);
  });

  await t.test('are for who may: its tenant, by a role', async () => {
    const [own, other, analyst] = [
      await shared.token('operator', 'alpha'),
      await shared.token('operator', 'beta'),
      await shared.token('analyst', 'alpha'),
    ];
    assert.equal((await shared.ask('GET', url, { token: own })).status, 200);
    assert.equal((await shared.ask('GET', url, { token: other })).body.code, 'call-not-found');
    assert.equal((await shared.ask('GET', `/v1/calls/${call.id}/recordings`, { token: other })).status, 404);
    assert.equal((await shared.ask('GET', url, { token: analyst })).body.code, 'role-too-low');
    assert.equal((await audit()).length, 3, 'what was refused opened nothing');
  });

  await t.test('no other file is reached: by another id, by a link, or when it is gone', async () => {
    const swapped = `${url.slice(0, -24)}${'0'.repeat(24)}`;
    assert.equal((await shared.ask('GET', swapped)).body.code, 'recording-not-found');
    const away = await shared.ask('GET', `${url.slice(0, -24)}..%2f..%2fetc%2fpasswd`);
    assert.equal(away.body.code, 'recording-not-found');
    await rm(file);
    assert.equal((await shared.ask('GET', url)).body.code, 'recording-not-found');
    await writeFile(join(base, 'secret'), 'secret');
    await symlink(join(base, 'secret'), file);
    const linked = await shared.ask('GET', url);
    assert.deepEqual([linked.body.code, linked.text.includes('"secret"')], ['recording-not-found', false]);
  });

  await t.test('or the client is sent to where they are, and that is noted as well', async () => {
    const before = (await audit()).length;
    const elsewhere = apiOver(t, fleet.connectionString, undefined, {
      recordings: sourceOf({
        RECORDING_URL: 'https://media.example/{node}/{path}?e={expires}&s={signature}',
        RECORDING_URL_SECRET: 'k',
      }),
    });
    const { status, headers } = await elsewhere.ask('GET', url);
    assert.equal(status, 302);
    assert.match(
      String(headers['location']),
      /^https:\/\/media\.example\/fs01\/[^?]+\.wav\?e=\d+&s=[0-9a-f]{64}$/,
    );
    assert.equal((await audit()).length, before + 1);
    const nowhere = apiOver(t, fleet.connectionString);
    assert.equal((await nowhere.ask('GET', url)).body.code, 'recording-not-found');
  });

  await t.test('what cannot be noted is not given', async () => {
    await rm(file);
    await writeFile(file, 'RIFF-sound');
    await pool.query('alter table audit_log rename to audit_log_away');
    const refused = await shared.ask('GET', url);
    await pool.query('alter table audit_log_away rename to audit_log');
    assert.equal(refused.status, 500);
    assert.ok(!refused.text.includes('RIFF'));
  });
});
