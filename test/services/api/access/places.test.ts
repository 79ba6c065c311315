import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from '../../../../services/api/access/places.ts';

const never = new AbortController().signal;

test('one tenant takes its part of the places, the whole fleet all, and who leaves twice leaves once', () => {
  const places = new Places({ most: 3, mostOfTenant: 2 });
  const [first, second] = [places.enter('alpha'), places.enter('alpha')];
  assert.equal(places.enter('alpha'), undefined);
  assert.ok(places.enter('bravo'));
  assert.equal(places.enter(undefined), undefined);
  first?.();
  first?.();
  assert.equal(places.taken, 2);
  assert.ok(places.enter(undefined));
  second?.();
  assert.ok(places.enter('alpha'));
});

test('who waits comes in the order of coming, but never for a tenant that has its part', async () => {
  const places = new Places({ most: 2, mostOfTenant: 1, mostWaiting: 2 });
  const alpha = places.enter('alpha');
  const fleet = places.enter(undefined);
  const came: string[] = [];
  const waiting = ['alpha', 'bravo', 'charlie'].map(async (tenant) => {
    const leave = await places.wait(tenant, never);
    came.push(tenant);
    return leave;
  });
  fleet?.();
  const bravo = await waiting[1];
  assert.deepEqual(came, ['bravo']);
  bravo?.();
  await waiting[2];
  alpha?.();
  await waiting[0];
  assert.deepEqual([came, places.waiting], [['bravo', 'charlie', 'alpha'], 0]);
});

test('who gives up waits no longer, and one above the limit of its tenant does not wait at all', async () => {
  const places = new Places({ most: 1, mostOfTenant: 1, mostWaiting: 1 });
  const leave = places.enter('alpha');
  const leaving = new AbortController();
  const waiting = places.wait('alpha', leaving.signal);
  assert.equal(await places.wait('alpha', never), undefined);
  const bravo = places.wait('bravo', never);
  leaving.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  leave?.();
  assert.ok(await bravo);
  assert.deepEqual([places.taken, places.waiting], [1, 0]);
});
