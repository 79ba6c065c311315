import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOpen, type TimeWindow } from '../../../libs/routing/schedule.ts';

/** `YYYY-MM-DDTHH:MM` in UTC. */
function isOpenAt(utc: string, window: TimeWindow, zone = 'UTC'): boolean {
  return isOpen({ zone, windows: [window] }, Date.parse(`${utc}Z`) * 1000);
}

test('no schedule is always open', () => assert.ok(isOpen(undefined, 0)));

test('the end of a window is outside it', () => {
  const window: TimeWindow = { from: '08:00', to: '18:00' };
  assert.ok(isOpenAt('2026-03-02T08:00', window));
  assert.ok(isOpenAt('2026-03-02T17:59', window));
  assert.ok(!isOpenAt('2026-03-02T18:00', window));
  assert.ok(!isOpenAt('2026-03-02T07:59', window));
});

test('a window is in the time of its zone, summer and winter', () => {
  const window: TimeWindow = { from: '08:00', to: '09:00' };
  assert.ok(isOpenAt('2026-01-05T07:30', window, 'Europe/Berlin'));
  assert.ok(isOpenAt('2026-07-06T06:30', window, 'Europe/Berlin'));
  assert.ok(!isOpenAt('2026-07-06T07:30', window, 'Europe/Berlin'));
});

test('clocks that are put forward or back skip an hour of a window, or have it twice', () => {
  const window: TimeWindow = { days: ['sun'], from: '02:00', to: '03:00' };
  const open = (utc: string) => isOpenAt(utc, window, 'Europe/Berlin');
  for (const utc of ['2026-03-29T00:59', '2026-03-29T01:00', '2026-03-29T01:30']) assert.ok(!open(utc), utc);
  for (const utc of ['2026-10-25T00:00', '2026-10-25T00:59', '2026-10-25T01:00', '2026-10-25T01:59'])
    assert.ok(open(utc), utc);
  assert.ok(!open('2026-10-24T23:59') && !open('2026-10-25T02:00'));
  const night: TimeWindow = { days: ['sat'], from: '22:00', to: '06:00' };
  assert.ok(isOpenAt('2026-03-29T03:59', night, 'Europe/Berlin'), 'Sunday 05:59 in summer time');
  assert.ok(!isOpenAt('2026-03-29T04:00', night, 'Europe/Berlin'));
});

test('a zone may be a quarter of an hour off, and its day another one', () => {
  const window: TimeWindow = { days: ['tue'], from: '00:00', to: '01:00' };
  assert.ok(isOpenAt('2026-03-02T18:15', window, 'Asia/Kathmandu'));
  assert.ok(!isOpenAt('2026-03-02T18:14', window, 'Asia/Kathmandu'));
  assert.ok(!isOpenAt('2026-03-02T19:15', window, 'Asia/Kathmandu'));
});

test('the hours after midnight belong to the day on which the window began', () => {
  const window: TimeWindow = { days: ['fri'], from: '22:00', to: '06:00' };
  assert.ok(isOpenAt('2026-03-06T23:00', window), 'Friday night');
  assert.ok(isOpenAt('2026-03-07T05:59', window), 'early on Saturday');
  assert.ok(!isOpenAt('2026-03-07T23:00', window), 'Saturday night');
  assert.ok(!isOpenAt('2026-03-06T05:00', window), 'early on Friday');
});

test('calendar days hold on both ends', () => {
  const window: TimeWindow = { dates: { from: '2026-12-24', to: '2026-12-26' } };
  assert.ok(isOpenAt('2026-12-24T00:00', window));
  assert.ok(isOpenAt('2026-12-26T23:59', window));
  assert.ok(!isOpenAt('2026-12-27T00:00', window));
});

test('a zone that nobody knows counts as UTC', () => {
  assert.ok(isOpenAt('2026-03-02T08:30', { from: '08:00', to: '09:00' }, 'Mars/Olympus'));
});
