import { randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';
import { untilTaken } from '../support/until-taken.ts';
import type { Place } from './place.ts';

/** What a caller can send as a name and a number. */
export const HOSTILE = {
  name: '<img src=x onerror="globalThis.wasExecuted=1">',
  number: '=HYPERLINK("javascript:globalThis.wasExecuted=1")',
  // right-to-left override, and no place to break a line
  destination: `\u202e${'x'.repeat(500)}`,
};

const RECORDED_LEG = '64a0f8a7-d861-49ca-bea0-11dee04f125f';

/** The CDR of a recorded call as that of another leg. */
export async function anotherCdr({ standalone }: Place): Promise<{ uuid: string; document: string }> {
  const { origins, secrets } = standalone;
  const recorded = await fetch(`${origins.api}/v1/cdrs/${RECORDED_LEG}/document`, {
    headers: { authorization: `Bearer ${secrets.apiToken}` },
  });
  const uuid = randomUUID();
  const set = setter('sip_call_id', `${uuid}%40elsewhere`);
  return { uuid, document: set((await recorded.text()).replaceAll(RECORDED_LEG, uuid)) };
}

/** Posts a CDR as FreeSWITCH does: again, while it is told to come later. */
export async function postCdr({ standalone }: Place, uuid: string, document: string): Promise<void> {
  const { origins, secrets } = standalone;
  const post = async () => {
    const posted = await fetch(`${origins.cdr}/cdr?uuid=${uuid}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`freeswitch:${secrets.freeswitchPassword}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ cdr: document }),
    });
    return posted.status;
  };
  const status = await untilTaken(post);
  if (status !== 200) throw new Error(`the CDR was not taken: ${status}`);
}

/** Posts the CDR of a recorded call again, as another call whose texts are hostile; gives that call's id. */
export async function postHostileCall(place: Place): Promise<string> {
  const { uuid, document } = await anotherCdr(place);
  await postCdr(place, uuid, makeHostile(document));
  let id = '';
  await until(
    'the hostile call is there',
    async () => {
      const { items } = await place.ask<{ items: { id: string }[] }>(`/v1/calls?leg=${uuid}`);
      id = items[0]?.id ?? '';
      return id !== '';
    },
    40_000,
  );
  return id;
}

function makeHostile(xml: string): string {
  return [
    setter('caller_id_name', HOSTILE.name),
    setter('caller_id_number', HOSTILE.number),
    setter('ani', HOSTILE.number),
    setter('destination_number', HOSTILE.destination),
  ].reduce((text, change) => change(text), xml);
}

/** Changes what an element says, wherever it is. */
function setter(name: string, text: string): (before: string) => string {
  return (before) =>
    before.replaceAll(
      new RegExp(`<${name}>[^<]*</${name}>`, 'g'),
      () => `<${name}>${escapeXml(text)}</${name}>`,
    );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
