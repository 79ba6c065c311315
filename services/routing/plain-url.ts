/** A lookup's URL as Kamailio writes it. */
export interface PlainUrl {
  /** the route, as the router calls it */
  route: string;
  /** of `/…/:number`, as it was dialled; '' in other routes */
  number: string;
  /** what is behind the question mark */
  query: string;
}

const WITH_NUMBER: readonly (readonly [beginning: string, route: string])[] = [
  ['/routing/did/', '/routing/did/:number'],
  ['/routing/trunk/', '/routing/trunk/:number'],
];
/** A number or name without anything that a router would have to decode, but for the plus of E.164. */
const NUMBER = /^(?:\+|%2[Bb])?[0-9A-Za-z]{1,64}$/;

/** Reads a URL that needs no router; undefined: it may need one. */
export function readPlainUrl(url: string): PlainUrl | undefined {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  for (const [beginning, route] of WITH_NUMBER) {
    if (!path.startsWith(beginning)) continue;
    const number = path.slice(beginning.length);
    if (!NUMBER.test(number)) return undefined;
    return { route, number: number.startsWith('%') ? `+${number.slice(3)}` : number, query };
  }
  return { route: path, number: '', query };
}
