import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XMLParser } from 'fast-xml-parser';
import { connectLines, type Endpoints } from '../../../services/standalone/connect-lines.ts';

const ENDPOINTS = {
  scheme: 'http' as const,
  host: '2001:db8::5',
  api: 1,
  directory: 11,
  cdr: 12,
  routing: 13,
};
const CREDENTIALS = {
  freeswitch: { username: 'fleet', password: 'a&b"<c>$&' },
  kamailio: { username: 'edge', password: 'proxy-password' },
  eslPassword: 'esl"password',
};

/** The params of a file of FreeSWITCH, as FreeSWITCH would read them. */
function paramsOf(file: string, endpoints: Endpoints = ENDPOINTS): Map<string, string> {
  const part = connectLines(endpoints, CREDENTIALS).find((one) => one.file === file);
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' });
  const { configuration } = parser.parse(part?.lines ?? '');
  const { param } = configuration.settings ?? configuration.bindings.binding;
  return new Map(param.map(({ name, value }: Record<string, string>) => [name, value]));
}

test('the printed lines carry the names and passwords that are checked, whatever characters they have', () => {
  const login = 'fleet:a&b"<c>$&';
  assert.equal(paramsOf('xml_curl.conf.xml').get('gateway-credentials'), login);
  assert.equal(paramsOf('xml_cdr.conf.xml').get('cred'), login);
  assert.equal(paramsOf('event_socket.conf.xml').get('password'), 'esl"password');
});

test('the printed lines carry our address and ports', () => {
  assert.equal(paramsOf('xml_curl.conf.xml').get('gateway-url'), 'http://[2001:db8::5]:11/freeswitch');
  assert.equal(paramsOf('xml_cdr.conf.xml').get('url'), 'http://[2001:db8::5]:12/cdr');
  const kamailio = connectLines(ENDPOINTS, CREDENTIALS).at(-1);
  assert.equal(kamailio?.file, 'kamailio.cfg');
  assert.match(kamailio?.lines ?? '', /switchfleet=>http:\/\/edge:proxy-password@\[2001:db8::5\]:13"\)/);
});

test('where our listeners speak TLS the printed lines say https, and FreeSWITCH checks the certificate', () => {
  const endpoints = { ...ENDPOINTS, scheme: 'https' as const };
  const [directory, cdr] = [
    paramsOf('xml_curl.conf.xml', endpoints),
    paramsOf('xml_cdr.conf.xml', endpoints),
  ];
  assert.equal(directory.get('gateway-url'), 'https://[2001:db8::5]:11/freeswitch');
  assert.equal(cdr.get('url'), 'https://[2001:db8::5]:12/cdr');
  for (const params of [directory, cdr])
    for (const name of ['enable-ssl-verifyhost', 'enable-cacert-check'])
      assert.equal(params.get(name), 'true');
  assert.match(connectLines(endpoints, CREDENTIALS).at(-1)?.lines ?? '', /switchfleet=>https:\/\/edge:/);
});
