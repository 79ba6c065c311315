import type { Slot } from './template.ts';

/** Recorded moments between these two (µs since 1970) are times to shift; any other number is left alone. */
export interface Window {
  fromUs: number;
  toUs: number;
}

const HOUR_US = 3_600_000_000;

/**
 * The window of a recording: from an hour before it (FreeSWITCH started then) to a day after it (expiries). The
 * numbers in `o=FreeSWITCH 1795184420` are hours older and are not times, so the window must not begin earlier.
 */
export function windowOf(startUs: number, endUs: number): Window {
  return { fromUs: startUs - HOUR_US, toUs: endUs + 24 * HOUR_US };
}

/** What may stand before a token: no letter or digit, but for the end of a %XX (encoded once or twice) or of a \\n in JSON. */
export const TOKEN_START = String.raw`(?:(?<![0-9A-Za-z])|(?<=%(?:25)?[0-9A-Fa-f]{2})|(?<=\\[nrt]))`;
const SPACE = String.raw`(?: |\+|%20|%2520)`;
const COLON = '(?::|%3A|%253A)';
const COMMA = '(?:,|%2C|%252C)';
const NUMBER = new RegExp(String.raw`${TOKEN_START}(?:\d{16}|\d{13}|\d{10})(?!\d)`, 'g');
const LOCAL = new RegExp(
  String.raw`${TOKEN_START}(\d{4}-\d\d-\d\d)(${SPACE}|T)(\d\d)(${COLON})(\d\d)(${COLON})(\d\d)(?!\d)`,
  'g',
);
const GMT = new RegExp(
  String.raw`([A-Z][a-z]{2})(${COMMA}${SPACE})(\d\d)(${SPACE})([A-Z][a-z]{2})(${SPACE})(\d{4})(${SPACE})(\d\d)(${COLON})(\d\d)(${COLON})(\d\d)(?!\d)`,
  'g',
);

/** Every time in a recorded text: µs, ms and s since 1970, `2026-11-20 20:50:44`, `Fri, 20 Nov 2026 20:50:44 GMT`, plain or URL-encoded. */
export function findMoments(text: string, window: Window): Slot[] {
  return [...findNumbers(text, window), ...findLocalTimes(text, window), ...findGmtTimes(text, window)];
}

function findNumbers(text: string, window: Window): Slot[] {
  return [...text.matchAll(NUMBER)].flatMap(({ 0: digits, index }) => {
    const unitUs = { 16: 1, 13: 1000, 10: 1_000_000 }[digits.length] ?? 1;
    const recorded = Number(digits);
    if (!isWithin(recorded * unitUs, window)) return [];
    return [{ index, length: digits.length, render: ({ offsetUs }) => String(recorded + offsetUs / unitUs) }];
  });
}

function findLocalTimes(text: string, window: Window): Slot[] {
  return [...text.matchAll(LOCAL)].flatMap((match) => {
    const [whole, date, space, hour, colon, minute, colon2, second] = match;
    const recorded = Date.parse(`${date}T${hour}:${minute}:${second}Z`) * 1000;
    if (!isWithin(recorded, window)) return [];
    return [
      {
        index: match.index,
        length: whole.length,
        render: ({ offsetUs }) => {
          const iso = new Date((recorded + offsetUs) / 1000).toISOString();
          return `${iso.slice(0, 10)}${space}${iso.slice(11, 13)}${colon}${iso.slice(14, 16)}${colon2}${iso.slice(17, 19)}`;
        },
      },
    ];
  });
}

function findGmtTimes(text: string, window: Window): Slot[] {
  return [...text.matchAll(GMT)].flatMap((match) => {
    const [whole, weekday, comma, day, s1, month, s2, year, s3, hour, c1, minute, c2, second] = match;
    const recorded = Date.parse(`${weekday}, ${day} ${month} ${year} ${hour}:${minute}:${second} GMT`) * 1000;
    if (!isWithin(recorded, window)) return [];
    return [
      {
        index: match.index,
        length: whole.length,
        render: ({ offsetUs }) => {
          const [, wd, d, m, y, h, min, sec] =
            /^(...), (..) (...) (....) (..):(..):(..)/.exec(
              new Date((recorded + offsetUs) / 1000).toUTCString(),
            ) ?? [];
          return `${wd}${comma}${d}${s1}${m}${s2}${y}${s3}${h}${c1}${min}${c2}${sec}`;
        },
      },
    ];
  });
}

function isWithin(us: number, { fromUs, toUs }: Window): boolean {
  return us >= fromUs && us <= toUs;
}
