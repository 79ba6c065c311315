import {
  type Kind,
  keyField as key,
  neededField as needed,
  optionalField as optional,
} from '../edit/kind.ts';

/** What decides where calls go, and which of its fields people change by hand. */
export const KINDS: readonly Kind[] = [
  {
    path: 'dids',
    one: 'DID',
    many: 'DIDs',
    key: ['did', 'priority'],
    fields: [
      key('did'),
      key('priority', 'number'),
      needed('domain'),
      needed('dest_type', ['extension', 'queue', 'ivr', 'conference', 'voicemail', 'external']),
      needed('destination'),
      needed('active', 'flag'),
      optional('fail_forward'),
      needed('description'),
    ],
  },
  {
    path: 'trunks',
    one: 'trunk',
    many: 'trunks',
    key: ['name'],
    fields: [
      key('name'),
      optional('tenant'),
      needed('host'),
      needed('port', 'number', 5060),
      needed('transport', ['udp', 'tcp', 'tls']),
      optional('max_channels', 'number'),
      optional('max_cps', 'number'),
      needed('is_emergency', 'flag', false),
      needed('enabled', 'flag'),
    ],
  },
  {
    path: 'trunk-routes',
    one: 'trunk route',
    many: 'trunk routes',
    key: ['id'],
    fields: [
      needed('prefix'),
      optional('domain'),
      needed('caller_prefix'),
      needed('trunk'),
      needed('priority', 'number'),
      needed('weight', 'number', 1),
      needed('strip', 'number'),
      needed('prepend'),
      optional('caller_id_rewrite'),
      optional('cost_per_minute', 'number'),
      needed('active', 'flag'),
    ],
  },
];
