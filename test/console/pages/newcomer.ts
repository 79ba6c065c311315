import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import { assertAccessible, equipWithAxe, moveTo } from '../browser.ts';
import { type Newcomer, PROXY_ADDRESS, startNewcomer } from '../newcomer.ts';
import type { Scene } from '../scene.ts';
import { SOUND_SECONDS, silentWav } from '../sound.ts';

const NAME = 'fs07';

interface Told {
  state: string;
  is_corrected: boolean;
  recording_paths: string[];
  legs: { sip_call_id: string; proxy: string | null }[];
}

/** Takes the server in, as a person does who saw it on the page; gives its own credential. */
async function takeIn(page: Page, { port, password }: Newcomer): Promise<string> {
  const strangers = page.getByRole('region', { name: 'Servers that nobody named' });
  await strangers.getByRole('row', { name: /fs07.*127\.0\.0\.1.*asks for its directory/ }).waitFor();
  await page.getByRole('button', { name: `Take in ${NAME}` }).click();
  const dialog = page.getByRole('dialog', { name: `Take in ${NAME}?` });
  await dialog.getByLabel('Password of its event socket').fill(password);
  assert.equal(await dialog.getByLabel('Address of its event socket').inputValue(), '127.0.0.1');
  await dialog.getByLabel('Port').fill(String(port));
  await dialog.getByRole('button', { name: 'Take in' }).click();
  const credential = await page.getByText(/^fs07:\S{20,}$/).textContent();
  await page.getByRole('button', { name: 'Close' }).click();
  await strangers.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /fs07/ }).getByText('live', { exact: true }).waitFor();
  return `${credential}`.trim();
}

/** All that the stream tells the page's session from now on; the page itself goes on as it is. */
async function listenBeside(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(
    `new Promise((ready, fail) => {
      globalThis.heard = [];
      const source = new EventSource('/v1/live');
      source.onerror = fail;
      source.addEventListener('snapshot', ready);
      for (const name of ['snapshot', 'call-started', 'call-answered', 'call-ended', 'node-state', 'node-load'])
        source.addEventListener(name, ({ data }) => globalThis.heard.push(name + ' ' + data));
    })`,
  );
  return () => page.evaluate('globalThis.heard');
}

interface Listening {
  page: Page;
  heard: () => Promise<string[]>;
}

/** Opens the live calls of two tenants, and hears what the stream tells each while something happens. */
async function beside(
  scene: Scene,
  { ours, theirs }: { ours: string; theirs: string },
  happen: (own: Listening, other: Listening) => Promise<void>,
): Promise<void> {
  await scene.visit(
    '/live',
    async (own) => {
      await scene.visit(
        '/live',
        async (other) => {
          for (const page of [own, other]) await page.getByText('No call is up').waitFor();
          const [heardByOwn, heardByOther] = [await listenBeside(own), await listenBeside(other)];
          await happen({ page: own, heard: heardByOwn }, { page: other, heard: heardByOther });
        },
        { token: theirs },
      );
    },
    { token: ours },
  );
}

/** Hears the recording that is shown, eight times as fast, to its end. */
function hear(page: Page): Promise<number> {
  return page.evaluate(
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
}

export function testNewcomer(scene: () => Scene): void {
  test('a server that shows up is taken in; its calls are seen as they grow, over a proxy, corrected and heard', async (t) => {
    const { place, post } = scene();
    const analystOf = async (tenant: string) => {
      await post('/v1/tenants', { name: tenant });
      const asked = { name: `${tenant}-desk`, role: 'analyst', tenant };
      return (await post<{ token: string }>('/v1/tokens', asked)).token;
    };
    const [ours, theirs] = [await analystOf('lab'), await analystOf('elsewhere')];
    await post('/v1/domains', { name: 'lab.test', tenant: 'lab' });
    await post('/v1/proxies', { name: 'edge1', address: PROXY_ADDRESS });
    const newcomer = await startNewcomer(place, NAME);
    t.after(() => newcomer.stop());
    await newcomer.greet();
    const seen = () => place.ask<{ items: unknown[] }>('/v1/discovered-nodes');
    await until('it is written down', async () => (await seen()).items.length > 0, 40_000);
    let leg = '';
    await scene().visit('/', async (page) => {
      const credential = await takeIn(page, newcomer);
      const authorization = `Basic ${btoa(credential)}`;
      const body = `hostname=${NAME}&section=directory&purpose=gateways`;
      const type = 'application/x-www-form-urlencoded';
      const headers = { authorization, 'content-type': type };
      const asked = await fetch(`${place.standalone.origins.directory}/freeswitch`, {
        ...{ method: 'POST', headers, body },
      });
      assert.equal(asked.status, 200, 'its own credential is good');

      let tell = async (): Promise<void> => undefined;
      const told = () => place.ask<Told>(`/v1/calls/${leg}`);
      await beside(scene(), { ours, theirs }, async (tenant, other) => {
        // written now: its times must not be over before it begins, however long the pages took to open
        const call = newcomer.recordedCall();
        [leg, tell] = [call.leg, call.tell];
        call.begin();
        await until('its call is known', () => told().then(Boolean, () => false), 40_000);
        await moveTo(page, `/calls/${leg}`);
        await page.getByText('Still being assembled').waitFor();
        const name = /^1001 is calling 3400@lab\.test over fs07, .*talking for/;
        await page.getByRole('heading', { name }).waitFor();
        await tenant.page.getByRole('row', { name: /talking.*1001.*3400/ }).waitFor();
        assert.equal(await other.page.locator('.live tbody tr').count(), 0);

        call.hangUp();
        await page
          .getByRole('heading', { name: /^1001 called 3400@lab\.test over fs07, .*talked/ })
          .waitFor();
        await page.getByRole('tab', { name: 'Legs (1)' }).waitFor();
        assert.equal(await page.getByText('Still being assembled').count(), 0);
        assert.equal(await page.getByText(/^Corrected/).count(), 0);
        const isEnded = async () => (await tenant.heard()).some((event) => event.startsWith('call-ended'));
        await until('the tenant hears that its call ended', isEnded, 40_000);
        const heard = await other.heard();
        const names = new Set(heard.map((event) => event.split(' ')[0]));
        assert.deepEqual([...names], ['snapshot'], 'another tenant hears nothing meanwhile');
        assert.doesNotMatch(heard.join(), /"3400"|fs0\d/);
        assert.equal(await other.page.getByText('No call is up').count(), 1);
      });

      // a leg of which nothing was heard is known by its CDR, which comes when all was over
      await tell();
      // each CDR corrects it: the first of them does not say yet what the page is to show
      await until(
        'it is corrected by both',
        async () => {
          const { is_corrected, legs, recording_paths } = await told();
          return is_corrected && legs.length === 2 && recording_paths.length === 1;
        },
        40_000,
      );
      const [path = ''] = (await told()).recording_paths;
      await mkdir(join(place.recordings, NAME));
      await writeFile(join(place.recordings, NAME, basename(path)), silentWav());
      await page.reload();
      await page.getByText(/^Corrected: evidence that came after/).waitFor();
      await page.getByRole('tab', { name: 'Legs (2)' }).waitFor();
      await page.getByRole('tab', { name: 'Recordings (1)' }).click();
      await page.getByText(`${basename(path)}, by fs07`).waitFor();
      assert.equal(await hear(page), SOUND_SECONDS, 'it was heard to its end');
      await equipWithAxe(page);
      await assertAccessible(page, 'recordings');
    });

    const { token } = await post<{ token: string }>('/v1/tokens', { name: 'ears', role: 'analyst' });
    await scene().visit(
      `/calls/${leg}`,
      async (page) => {
        await page.getByRole('tab', { name: 'Recordings (1)' }).click();
        await page.getByText('Your role does not reach its sound.').waitFor();
        assert.equal(await page.locator('audio').count(), 0);
        const refused = await page.evaluate(
          `(async () => {
            const path = '/v1/calls/${leg}/recordings';
            const { items } = await (await fetch(path)).json();
            return (await fetch(items[0].url)).status;
          })()`,
        );
        assert.equal(refused, 403);
      },
      { token, tolerates: /403/ },
    );

    const proxied = await newcomer.playProxiedCall();
    await until(
      'its call is finished, with both legs and its proxy',
      () =>
        place.ask<Told>(`/v1/calls/${proxied}`).then(
          ({ state, legs }) =>
            state === 'finished' && legs.length === 2 && legs.some(({ proxy }) => proxy === 'edge1'),
          () => false,
        ),
      40_000,
    );
    await scene().visit(`/calls/${proxied}`, async (page) => {
      const ladder = page.locator('svg.ladder');
      await ladder.locator('.column').nth(2).waitFor();
      const columns = await ladder.locator('.column > text').allTextContents();
      assert.deepEqual(columns.slice(1, 3), ['edge1', NAME]);
      assert.ok((await ladder.locator('.via').count()) > 0);
      const link = page.getByRole('link', { name: 'packets in Homer' }).first();
      const [first] = (await place.ask<Told>(`/v1/calls/${proxied}`)).legs;
      const address = new URL(`${await link.getAttribute('href')}`);
      assert.equal(address.origin, 'https://homer.test');
      assert.equal(address.searchParams.get('id'), first?.sip_call_id);
      assert.match(`${address.searchParams.get('from')}`, /^\d{13}$/);
      assert.equal(await link.getAttribute('rel'), 'noreferrer noopener');
    });
  });
}
