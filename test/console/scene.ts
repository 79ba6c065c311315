import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { type Profile, startBrowser, type TestBrowser, type Visit } from './browser.ts';
import { openPlace, type Place, type PlaceOptions } from './place.ts';

/** `cross-8122000-far-bye` of run 01: a call over two servers. */
export const CROSS_LEG = '65eff4ce-dfd5-404f-8f5d-8505d74528f4';

export interface Visitor extends Profile {
  /** of the bootstrap administrator by default */
  token?: string;
  /** complaints of the browser that are part of the test, such as of an answer 404 */
  tolerates?: RegExp;
  /** before the page is loaded */
  prepare?: (page: Page) => Promise<void>;
}

/** One server with the traffic of a recorded run and one browser, for all tests of the console. */
export interface Scene extends Stoppable {
  place: Place;
  browser: TestBrowser;
  /** of the api and its console */
  origin: string;
  /** A person who is signed in opens a page in a fresh profile; what the page complains about fails the test. */
  visit(path: string, work: (page: Page) => Promise<void>, visitor?: Visitor): Promise<void>;
  /** what pages asked the api that its document does not have */
  undocumented(): Promise<string[]>;
  /** posts JSON to the api as its administrator */
  post<T>(path: string, body: object): Promise<T>;
}

export async function openScene(options: PlaceOptions = {}): Promise<Scene> {
  const [opened, started] = await Promise.allSettled([openPlace(options), startBrowser()]);
  if (opened.status === 'rejected' || started.status === 'rejected') {
    await stopAll([opened, started].flatMap((part) => (part.status === 'fulfilled' ? [part.value] : [])));
    throw opened.status === 'rejected' ? opened.reason : (started as PromiseRejectedResult).reason;
  }
  const [place, browser] = [opened.value, started.value];
  const { origins, secrets } = place.standalone;
  const asked = new Set<string>();
  return {
    place,
    browser,
    origin: origins.api,
    visit: async (path, work, visitor = {}) => {
      const { token = secrets.apiToken, tolerates, prepare } = visitor;
      const visit = await browser.open(visitor);
      try {
        await bringCookie(visit, origins.api, token);
        visit.page.on('request', (request) =>
          asked.add(`${request.method()} ${new URL(request.url()).pathname}`),
        );
        await prepare?.(visit.page);
        await visit.page.goto(`${origins.api}/console${path}`);
        await visit.page.getByRole('navigation', { name: 'Pages' }).waitFor();
        await work(visit.page);
        assert.deepEqual(
          visit.complaints().filter((text) => tolerates?.test(text) !== true),
          [],
        );
      } finally {
        await visit.page.unrouteAll({ behavior: 'ignoreErrors' });
        await visit.end();
      }
    },
    undocumented: async () => undocumentedOf([...asked], await place.ask('/v1/openapi.json')),
    post: (path, body) =>
      place.ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: () => stopAll([place, browser]),
  };
}

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

function undocumentedOf(asked: readonly string[], { paths }: Document): string[] {
  const known = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) =>
        new RegExp(
          `^${method.toUpperCase()} ${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`,
        ),
    ),
  );
  const apis = asked.filter((question) => / \/v1\//.test(question));
  return apis.filter((question) => !known.some((pattern) => pattern.test(question)));
}

/** Signs a profile in beside its page; that a person can do it by the page is a test of its own. */
async function bringCookie({ page }: Visit, origin: string, token: string): Promise<void> {
  const answer = await page.context().request.post(`${origin}/console/session`, { data: { token } });
  assert.equal(answer.status(), 201, 'signed in');
}
