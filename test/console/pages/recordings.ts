import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { CROSS_LEG, type Scene } from '../scene.ts';

const SECONDS = 2;
const RATE = 8_000;

/** Silence, as FreeSWITCH writes it: 8 kHz, 16 bits, one channel. */
function wav(): Buffer {
  const samples = Buffer.alloc(SECONDS * RATE * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** The recorded run has no files of sound: what the api would say of one. */
async function giveRecording(page: Page): Promise<void> {
  const recording = {
    id: 'r1',
    name: 'far.wav',
    node: 'fs02',
    leg: CROSS_LEG,
    url: '/v1/calls/x/recordings/r1',
  };
  await page.route(/\/v1\/calls\/[^/]+$/, async (route) => {
    const call = await (await route.fetch()).json();
    await route.fulfill({ json: { ...call, recording_paths: ['/var/far.wav'] } });
  });
  await page.route('**/v1/calls/*/recordings', (route) => route.fulfill({ json: { items: [recording] } }));
  await page.route('**/v1/calls/*/recordings/r1', (route) =>
    route.fulfill({ contentType: 'audio/wav', body: wav() }),
  );
}

export function testRecordings(scene: () => Scene): void {
  test('a recording is heard by who may hear it', async () => {
    await scene().visit(
      `/calls/${CROSS_LEG}`,
      async (page) => {
        await page.getByRole('tab', { name: 'Recordings (1)' }).click();
        await page.getByText('far.wav, by fs02').waitFor();
        await page.getByLabel('Recording far.wav').waitFor();
        const heard = await page.evaluate(
          `(async () => {
            const audio = document.querySelector('audio');
            audio.muted = true;
            audio.playbackRate = 8;
            const ended = new Promise((done) => audio.addEventListener('ended', done, { once: true }));
            await audio.play();
            await ended;
            return audio.currentTime;
          })()`,
        );
        assert.equal(heard, SECONDS, 'it was heard to its end');
      },
      { prepare: giveRecording },
    );
  });

  test('an analyst sees that there is a recording, and is given no player', async () => {
    const { token } = await scene().post<{ token: string }>('/v1/tokens', { name: 'ears', role: 'analyst' });
    await scene().visit(
      `/calls/${CROSS_LEG}`,
      async (page) => {
        await page.getByRole('tab', { name: 'Recordings (1)' }).click();
        await page.getByText('Your role does not reach its sound.').waitFor();
        assert.equal(await page.locator('audio').count(), 0);
        await page.unrouteAll();
        const refused = await page.evaluate(
          `fetch('/v1/calls/${CROSS_LEG}/recordings/r1').then((answer) => answer.status)`,
        );
        assert.equal(refused, 403);
      },
      { token, prepare: giveRecording, tolerates: /403/ },
    );
  });
}
