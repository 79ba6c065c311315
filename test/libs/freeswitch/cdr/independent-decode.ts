/**
 * Reads a recorded CDR with none of the product's code, and another way (regular expressions over decoded text), to
 * compare with. Good enough for what was recorded, where no caller was hostile.
 */
export interface PlainCdr {
  format: 'xml' | 'json';
  switchname: string;
  core: string;
  variables: Map<string, string[]>;
  /** caller_profile fields of the newest callflow */
  profile: Map<string, string>;
  callflows: number;
  callflowUuids: string[];
  applications: { name: string; data: string }[];
}

export function decodePlainly(body: Buffer): PlainCdr {
  const text = plainText(body.toString('utf8').replace(/^cdr=/, ''));
  return text.startsWith('{') ? decodeJson(text) : decodeXml(text);
}

function plainText(text: string): string {
  if (text.startsWith('%')) return decodeURIComponent(text);
  return /^[<{]/.test(text) ? text : Buffer.from(text, 'base64').toString('utf8');
}

function decodeXml(text: string): PlainCdr {
  const [head = ''] = /<cdr [^>]*>/.exec(text) ?? [];
  const variables = new Map<string, string[]>();
  const section = text.slice(text.indexOf('<variables>') + 11, text.indexOf('</variables>'));
  for (const [, name = '', value = ''] of section.matchAll(/<([^/>]+)>([^<]*)<\/\1>/g)) {
    variables.set(name, [...(variables.get(name) ?? []), decodeURIComponent(value)]);
  }
  const callflows = text.split('<callflow ').slice(1);
  const newest = (callflows[0] ?? '').replace(/<(originator|originatee|origination)>[\s\S]*?<\/\1>/g, '');
  return {
    format: 'xml',
    switchname: /switchname="([^"]*)"/.exec(head)?.[1] ?? '',
    core: /core-uuid="([^"]*)"/.exec(head)?.[1] ?? '',
    variables,
    profile: new Map(
      [...newest.matchAll(/<([a-z_]+)>([^<]*)<\/\1>/g)].map(([, name = '', value = '']) => [
        name,
        unescapeXml(value),
      ]),
    ),
    callflows: callflows.length,
    callflowUuids: callflows.map((callflow) => /<uuid>([^<]*)</.exec(callflow)?.[1] ?? ''),
    applications: [...text.matchAll(/<application app_name="([^"]*)" app_data="([^"]*)" app_stamp/g)].map(
      ([, name = '', data = '']) => ({ name, data: unescapeXml(data) }),
    ),
  };
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&');
}

/** Field by field, so that it also reads the documents that FreeSWITCH encoded once too little (bare quotes inside). */
function decodeJson(text: string): PlainCdr {
  const start = text.indexOf('"variables":{') + 13;
  const end = text.indexOf('"},"', start);
  const inner = text.slice(start + 1, end);
  const encoded = /%[0-9A-F]{2}/.test(/"start_stamp":"([^"]*)"/.exec(text)?.[1] ?? '');
  const broken = !isJson(text);
  const variables = new Map<string, string[]>();
  for (const entry of inner.split(/","(?=[A-Za-z0-9_-]+":")/)) {
    const [name = '', raw = ''] = splitOnce(entry, '":"');
    const value = broken ? raw : (JSON.parse(`"${raw}"`) as string);
    const decoded = encoded ? decodeURIComponent(value) : value;
    variables.set(name, decoded.startsWith('ARRAY::') ? decoded.slice(7).split('|:') : [decoded]);
  }
  const callflow = JSON.parse(text.slice(text.indexOf('"callflow":') + 11, -1)) as {
    caller_profile: Record<string, unknown>;
  }[];
  const profile = Object.entries(callflow[0]?.caller_profile ?? {}).filter(
    ([, value]) => typeof value === 'string',
  );
  return {
    format: 'json',
    switchname: /"switchname":"([^"]*)"/.exec(text)?.[1] ?? '',
    core: /"core-uuid":"([^"]*)"/.exec(text)?.[1] ?? '',
    variables,
    profile: new Map(profile as [string, string][]),
    callflows: callflow.length,
    callflowUuids: callflow.map(({ caller_profile }) => String(caller_profile['uuid'])),
    applications: [],
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at).replace(/^"/, ''), text.slice(at + separator.length)];
}
