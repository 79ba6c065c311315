import { randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';
import type { Place } from './place.ts';

/** What a caller can send as a name and a number. */
export const HOSTILE = {
  name: '<img src=x onerror="globalThis.wasExecuted=1">',
  number: '=HYPERLINK("javascript:globalThis.wasExecuted=1")',
  // right-to-left override, and no place to break a line
  destination: `\u202e${'x'.repeat(500)}`,
};

const RECORDED_LEG = '64a0f8a7-d861-49ca-bea0-11dee04f125f';

/** Posts the CDR of a recorded call again, as another call whose texts are hostile; gives that call's id. */
export async function postHostileCall({ standalone, ask }: Place): Promise<string> {
  const { origins, secrets } = standalone;
  const authorization = {
    api: `Bearer ${secrets.apiToken}`,
    cdr: `Basic ${btoa(`freeswitch:${secrets.freeswitchPassword}`)}`,
  };
  const recorded = await fetch(`${origins.api}/v1/cdrs/${RECORDED_LEG}/document`, {
    headers: { authorization: authorization.api },
  });
  const uuid = randomUUID();
  const posted = await fetch(`${origins.cdr}/cdr?uuid=${uuid}`, {
    method: 'POST',
    headers: { authorization: authorization.cdr, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ cdr: makeHostile(await recorded.text(), uuid) }),
  });
  if (!posted.ok) throw new Error(`the CDR was not taken: ${posted.status}`);
  let id = '';
  await until(
    'the hostile call is there',
    async () => {
      const { items } = await ask<{ items: { id: string }[] }>(`/v1/calls?leg=${uuid}`);
      id = items[0]?.id ?? '';
      return id !== '';
    },
    40_000,
  );
  return id;
}

function makeHostile(xml: string, uuid: string): string {
  const set = (name: string, text: string) => (before: string) =>
    before.replaceAll(
      new RegExp(`<${name}>[^<]*</${name}>`, 'g'),
      () => `<${name}>${escapeXml(text)}</${name}>`,
    );
  return [
    (text: string) => text.replaceAll(RECORDED_LEG, uuid),
    set('sip_call_id', `${uuid}%40elsewhere`),
    set('caller_id_name', HOSTILE.name),
    set('caller_id_number', HOSTILE.number),
    set('destination_number', HOSTILE.destination),
  ].reduce((text, change) => change(text), xml);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
