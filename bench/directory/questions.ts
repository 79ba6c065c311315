import { readRecordedLookups } from '../../test/support/directory/recorded-lookup.ts';
import { addressOf, type FleetSize } from './fleet.ts';

/** A request as FreeSWITCH writes it, head and body. */
const COUNT = 2_000;
const AUTHORIZATION = `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`;

/** Recorded REGISTERs, each for another user, spread over the whole fleet. */
export function questionsFor(size: FleetSize): string[] {
  const recorded = readRecordedLookups().find(({ name }) => name.includes('REGISTER-found.txt'))?.body;
  if (recorded === undefined) throw new Error('the recorded REGISTER is missing');
  return Array.from({ length: COUNT }, (_, index) => {
    const { user, domain } = addressOf(size, Math.floor((index * size.users) / COUNT));
    return requestOf(recorded.replaceAll('1001', user).replaceAll('lab.test', domain));
  });
}

/** One HTTP request with a form. */
export function requestOf(body: string): string {
  return (
    `POST /freeswitch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${AUTHORIZATION}\r\nUser-Agent: freeswitch-xml/1.0\r\n` +
    `Accept: */*\r\nContent-Length: ${Buffer.byteLength(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n${body}`
  );
}
