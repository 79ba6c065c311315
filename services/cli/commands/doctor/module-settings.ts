import { XMLParser } from 'fast-xml-parser';

/** What matters of xml_cdr.conf; never a secret, since it goes into the bundle. */
export interface CdrSettings {
  urls: string[];
  hasCredential: boolean;
  /** seconds for an attempt; 0 waits for ever */
  timeout: number;
  /** attempts after the first */
  retries: number;
  postsBLegs: boolean;
  checksCertificate: boolean;
}

/** One place that mod_xml_curl asks. */
export interface CurlBinding {
  url: string;
  /** sections it is asked for, `directory|dialplan`; '' is all of them */
  sections: string;
  hasCredential: boolean;
  timeout: number;
  checksCertificate: boolean;
}

interface Param {
  name: string;
  value: string;
  bindings: string;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => name === 'param' || name === 'binding',
});
/** What FreeSWITCH takes for true (switch_true), numbers aside. */
const TRUE = new Set(['yes', 'on', 'true', 't', 'enabled', 'active', 'allow']);

/** Reads what `xml_locate configuration configuration name xml_cdr.conf` answers; undefined when that is no configuration. */
export function readCdrSettings(answer: string): CdrSettings | undefined {
  const configuration = readConfiguration(answer);
  if (configuration === undefined) return undefined;
  const params = paramsOf(configuration['settings']);
  return {
    urls: params
      .filter(({ name, value }) => name === 'url' && value !== '')
      .map(({ value }) => withoutUser(value)),
    hasCredential: lastOf(params, 'cred') !== '',
    timeout: Number(lastOf(params, 'timeout')) || 0,
    retries: Number(lastOf(params, 'retries')) || 0,
    postsBLegs: isTrue(lastOf(params, 'log-b-leg', 'true')),
    checksCertificate: isTrue(lastOf(params, 'enable-cacert-check')),
  };
}

/** The same for xml_curl.conf. */
export function readCurlBindings(answer: string): CurlBinding[] | undefined {
  const configuration = readConfiguration(answer);
  if (configuration === undefined) return undefined;
  const bindings = objectOf(configuration['bindings'])['binding'];
  return (Array.isArray(bindings) ? bindings : []).flatMap((binding: unknown) => {
    const params = paramsOf(binding);
    const gateway = params.findLast(({ name }) => name === 'gateway-url');
    if (gateway === undefined) return [];
    return [
      {
        url: withoutUser(gateway.value),
        sections: gateway.bindings,
        hasCredential: lastOf(params, 'gateway-credentials') !== '',
        timeout: Number(lastOf(params, 'timeout')) || 0,
        checksCertificate: isTrue(lastOf(params, 'enable-cacert-check')),
      },
    ];
  });
}

function readConfiguration(answer: string): Record<string, unknown> | undefined {
  try {
    const { configuration } = objectOf(parser.parse(answer));
    return configuration === undefined ? undefined : objectOf(configuration);
  } catch {
    return undefined;
  }
}

function paramsOf(parent: unknown): Param[] {
  const { param } = objectOf(parent);
  return (Array.isArray(param) ? param : []).map((raw: unknown) => {
    const text = (name: string) => String(objectOf(raw)[name] ?? '');
    return {
      name: text('@name').toLowerCase(),
      value: text('@value'),
      bindings: text('@bindings').toLowerCase(),
    };
  });
}

/** FreeSWITCH keeps the last of several. */
function lastOf(params: readonly Param[], wanted: string, missing = ''): string {
  return params.findLast(({ name }) => name === wanted)?.value ?? missing;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isTrue(value: string): boolean {
  return TRUE.has(value.toLowerCase()) || Number(value) > 0;
}

/** A URL may carry a credential, too. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
