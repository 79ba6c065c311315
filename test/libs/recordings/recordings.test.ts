import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../../libs/config/config.ts';
import { mediaType, sharedPath } from '../../../libs/recordings/recording-path.ts';
import { recordingSource } from '../../../libs/recordings/recording-source.ts';
import { openSharedFile, readRange } from '../../../libs/recordings/shared-file.ts';
import { presignedUrl, templateUrl } from '../../../libs/recordings/signed-url.ts';

test('a path is found below the shared folder and nowhere else', () => {
  const roots = ['/var/lib/freeswitch/recordings', '/srv/{node}/rec/'];
  for (const [node, path, below] of [
    ['fs01', '/var/lib/freeswitch/recordings/a/b.wav', 'a/b.wav'],
    ['fs01', '/srv/fs01/rec/b.wav', 'b.wav'],
    ['fs02', '/srv/fs01/rec/b.wav', undefined],
    ['fs01', '/srv/fs01/rec/../../fs02/rec/b.wav', undefined],
    ['fs01', '/srv/fs01/rec/x/../b.wav', 'b.wav'],
    ['fs01', '/srv/fs01/record/b.wav', undefined],
    ['fs01', '/etc/passwd', undefined],
    ['fs01', '/srv/fs01/rec/', undefined],
    ['fs01', '/srv/fs01/rec/a\0.wav', undefined],
    ['..', '/srv/../rec/b.wav', undefined],
    ['a/b', '/srv/a/b/rec/b.wav', undefined],
  ] as const) {
    assert.equal(sharedPath({ node, path }, roots), below, `${node} ${path}`);
  }
  assert.deepEqual(['x.wav', 'x.MP3', 'x.html', 'x'].map(mediaType), [
    'audio/wav',
    'audio/mpeg',
    'application/octet-stream',
    'application/octet-stream',
  ]);
});

test('no link, folder, pipe or name leads out of the folder', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'switchfleet-recordings-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const folder = join(base, 'shared');
  await mkdir(join(folder, 'a'), { recursive: true });
  await mkdir(join(base, 'shared-not'));
  await writeFile(join(base, 'secret.wav'), 'secret');
  await writeFile(join(base, 'shared-not', 'secret.wav'), 'secret');
  await writeFile(join(folder, 'a', 'b.wav'), 'sound');
  await symlink(join(base, 'secret.wav'), join(folder, 'link.wav'));
  await symlink(join(base, 'shared-not'), join(folder, 'away'));
  await symlink(join(folder, 'a', 'b.wav'), join(folder, 'within.wav'));
  execFileSync('mkfifo', [join(folder, 'pipe.wav')]);
  for (const path of [
    'link.wav',
    'away/secret.wav',
    '../secret.wav',
    'a',
    'pipe.wav',
    'none.wav',
    'a/b.wav/c',
    'x'.repeat(400),
  ]) {
    assert.equal(await openSharedFile(folder, path), undefined, path);
  }
  for (const path of ['a/b.wav', 'within.wav']) {
    const file = await openSharedFile(folder, path);
    assert.equal(file?.bytes, 5);
    assert.equal(await file?.handle.readFile('utf8'), 'sound');
    await file?.handle.close();
  }
  // the shared folder itself may be a link
  await symlink(folder, join(base, 'mounted'));
  const file = await openSharedFile(join(base, 'mounted'), 'a/b.wav');
  assert.equal(file?.bytes, 5);
  await file?.handle.close();
});

test('ranges are read as RFC 9110 says', () => {
  for (const [header, range] of [
    [undefined, undefined],
    ['bytes=0-3', { first: 0, last: 3 }],
    ['bytes=4-', { first: 4, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-30', { first: 0, last: 9 }],
    ['bytes=5-100', { first: 5, last: 9 }],
    ['bytes=10-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=3-2', undefined],
    ['bytes=0-1,4-5', undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
  ] as const) {
    assert.deepEqual(readRange(header, 10), range, String(header));
  }
});

test("a presigned URL is the one of AWS's own example", () => {
  const source = {
    template: 'https://examplebucket.s3.amazonaws.com/{path}',
    region: 'us-east-1',
    keyId: 'AKIAIOSFODNN7EXAMPLE',
    secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    lifetimeSeconds: 86_400,
  };
  const nowUs = Date.UTC(2013, 4, 24) * 1000;
  const url = new URL(presignedUrl(source, { node: 'fs01', path: 'test.txt' }, nowUs));
  assert.equal(
    url.searchParams.get('X-Amz-Signature'),
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
  assert.equal(
    url.searchParams.get('X-Amz-Credential'),
    'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
  );
  const odd = presignedUrl(source, { node: 'fs01', path: `a b/ü(1)'.wav` }, nowUs);
  assert.ok(odd.startsWith('https://examplebucket.s3.amazonaws.com/a%20b/%C3%BC%281%29%27.wav?'), odd);
});

test('a templated URL ends in time and is signed over what it names', () => {
  const source = {
    template: 'https://media.example/{node}/{path}?e={expires}&s={signature}',
    secret: 'key',
    lifetimeSeconds: 60,
  };
  const url = (path: string, nowUs: number) => templateUrl(source, { node: 'fs01', path }, nowUs);
  const first = new URL(url('a b.wav', 1_000_000_000));
  assert.equal(first.pathname, '/fs01/a%20b.wav');
  assert.equal(first.searchParams.get('e'), '1060');
  assert.match(first.searchParams.get('s') ?? '', /^[0-9a-f]{64}$/);
  const signatures = [
    url('a b.wav', 1_000_000_000),
    url('c.wav', 1_000_000_000),
    url('a b.wav', 2_000_000_000),
  ];
  assert.equal(new Set(signatures.map((text) => new URL(text).searchParams.get('s'))).size, 3);
});

test('the source that is configured decides; S3 without a key is refused', () => {
  const recorded = { node: 'fs01', path: '/rec/a.wav' };
  const locate = (environment: Record<string, string>) =>
    recordingSource(loadConfig({ RECORDING_ROOTS: '/rec', ...environment })).locate(recorded, 0);
  assert.equal(locate({}), undefined);
  assert.deepEqual(locate({ RECORDING_DIR: '/mnt/{node}' }), { folder: '/mnt/fs01', path: 'a.wav' });
  assert.deepEqual(locate({ RECORDING_URL: 'http://m/{path}' }), { url: 'http://m/a.wav' });
  assert.throws(() => locate({ RECORDING_URL: 'https://b/{path}', RECORDING_S3_REGION: 'eu' }), {
    code: 'recording-config',
  });
});
