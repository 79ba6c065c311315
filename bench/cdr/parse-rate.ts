import { XMLParser } from 'fast-xml-parser';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { parseCdr } from '../../libs/freeswitch/cdr/parse-cdr.ts';
import { cast, moulds } from './corpus.ts';

const BODIES = 200;
const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
/** Tuned: no conversion of numbers, no trimming, no entities beyond XML's own. */
const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

const forms = moulds('xml');
const bodies = Array.from({ length: BODIES }, (_, number) => cast(forms, number).body);

/** Bodies a second from the bytes of the post to the record that goes to the bus, packed document and hash included. */
export async function ourParseRate(): Promise<number> {
  return rateOf((body) => {
    if (!('ok' in parseCdr(body, { receivedUs: 1, keepVariable })))
      throw new Error('a recorded CDR cannot be read');
  });
}

/** Bodies a second that fast-xml-parser reads, decoded by Node's own decodeURIComponent. */
export async function fastXmlParserRate(): Promise<number> {
  return rateOf((body) => parser.parse(decodeURIComponent(body.toString('latin1', 'cdr='.length))));
}

function rateOf(parse: (body: Buffer) => void): number {
  for (const body of bodies) parse(body);
  const began = performance.now();
  for (let round = 0; round < 3; round += 1) for (const body of bodies) parse(body);
  return (3 * BODIES * 1000) / (performance.now() - began);
}
