/** What a search asks the api, and the words that it could not read. */
export interface CallQuery {
  params: URLSearchParams;
  unread: string[];
}

type Param = readonly [name: string, value: string];

const DISPOSITIONS = ['answered', 'busy', 'no-answer', 'cancelled', 'failed', 'interrupted'];
const QUALITY = ['one-way', 'low-mos', 'jitter', 'loss', 'short', 'long-pdd'];

/** Words that stand for themselves. */
const WORDS: Readonly<Record<string, Param>> = {
  ...Object.fromEntries(DISPOSITIONS.map((word) => [word, ['disposition', word]] as const)),
  ...Object.fromEntries(QUALITY.map((word) => [word, ['quality', word]] as const)),
  live: ['state', 'live'],
  finished: ['state', 'finished'],
  inbound: ['direction', 'inbound'],
  outbound: ['direction', 'outbound'],
  internal: ['direction', 'internal'],
  voicemail: ['answered_by', 'voicemail'],
  recorded: ['recording', 'true'],
};

/** `trunk:acme` and its like, and what the api calls them. */
const KEYS: Readonly<Record<string, string>> = {
  from: 'caller',
  caller: 'caller',
  to: 'callee',
  callee: 'callee',
  called: 'callee',
  number: 'number',
  did: 'did',
  domain: 'domain',
  tenant: 'tenant',
  trunk: 'trunk',
  node: 'node',
  account: 'account',
  callid: 'sip_call_id',
  'call-id': 'sip_call_id',
  leg: 'leg',
  uuid: 'leg',
  cause: 'hangup_cause',
  'hung-up-by': 'hangup_by',
  'answered-by': 'answered_by',
};

/** What can be said, for the help beside the box. */
export const SEARCH_EXAMPLES: readonly (readonly [string, string])[] = [
  [
    '+4930123',
    'a number on either side; 4930* by its beginning, *0123 by its end, several with spaces or commas',
  ],
  ['1001@acme.example', 'a user of a domain'],
  ['failed, busy, answered, live', 'how it went'],
  [
    'trunk:acme node:fs01 cause:USER_BUSY',
    'where it went, why it ended; also from: to: did: domain: account: callid:',
  ],
  ['>60s, <5s', 'talk, at least or at most; m and h as well'],
  ['low-mos, one-way, jitter, loss, short, long-pdd', 'what it suffered from'],
  ['a uuid or a Call-ID', 'the call of that leg'],
];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NUMBER = /^[+*]?[\d][\d().\-/]*\*?$|^\*[\d]+$/;
const TALK = /^([<>])=?(\d+(?:\.\d+)?)(s|m|min|h)?$/;
const PAIR = /^([a-z-]+):(.+)$/i;
const TOKEN = /(?:[^\s,;"]*"[^"]*"|[^\s,;"])+/g;

/** Reads a search as a person writes it: words that all have to hold, numbers of which one has to. */
export function readQuery(text: string): CallQuery {
  const params = new URLSearchParams();
  const unread: string[] = [];
  const numbers: string[] = [];
  for (const token of text.match(TOKEN) ?? []) {
    const word = token.replaceAll('"', '');
    const read = NUMBER.test(word) ? undefined : readWord(word);
    if (NUMBER.test(word)) numbers.push(word);
    else if (read === undefined) unread.push(word);
    else for (const [name, value] of read) addParam(params, name, value);
  }
  if (numbers.length > 0) params.set('number', numbers.join(','));
  return { params, unread };
}

const LISTS = new Set(['disposition', 'quality', 'hangup_cause']);
const NUMBERS = new Set(['caller', 'callee', 'did', 'number']);

/** Of dispositions, causes and numbers there can be several; of all else the last counts. */
function addParam(params: URLSearchParams, name: string, value: string): void {
  const before = params.get(name);
  if (LISTS.has(name)) {
    if (!params.getAll(name).includes(value)) params.append(name, value);
  } else if (NUMBERS.has(name) && before !== null) params.set(name, `${before},${value}`);
  else params.set(name, value);
}

function readWord(word: string): Param[] | undefined {
  const known = Object.hasOwn(WORDS, word.toLowerCase()) ? WORDS[word.toLowerCase()] : undefined;
  if (known !== undefined) return [known];
  if (UUID.test(word)) return [['leg', word.toLowerCase()]];
  return readTalk(word) ?? readPair(word) ?? readAddress(word) ?? readName(word);
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600 };

function readTalk(word: string): Param[] | undefined {
  const match = TALK.exec(word);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * (SECONDS[match[3] ?? 's'] ?? 1);
  return [[match[1] === '>' ? 'min_billsec' : 'max_billsec', String(seconds)]];
}

function readPair(word: string): Param[] | undefined {
  const match = PAIR.exec(word);
  const key = match?.[1]?.toLowerCase() ?? '';
  const name = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  const value = match?.[2];
  if (name === undefined || value === undefined) return undefined;
  return [[name, name === 'hangup_cause' ? value.toUpperCase() : value]];
}

/** A user's name is short and has a letter-like host; what else has an @ is a Call-ID. */
function readAddress(word: string): Param[] | undefined {
  const match = /^(?:sips?:)?([^@]+)@([^@]+)$/.exec(word);
  const [user, host] = [match?.[1], match?.[2]];
  if (user === undefined || host === undefined) return undefined;
  const isUser = user.length <= 20 && /^[+\w.]+$/.test(user) && /[a-z]/i.test(host) && host.includes('.');
  return isUser
    ? [
        ['number', user],
        ['domain', host],
      ]
    : [['sip_call_id', word]];
}

/** A cause in capitals; any other word is a user's name. */
function readName(word: string): Param[] | undefined {
  if (/^[A-Z]+(_[A-Z0-9]+)+$/.test(word)) return [['hangup_cause', word]];
  return /^[\w.]{1,64}$/.test(word) ? [['number', word]] : undefined;
}
