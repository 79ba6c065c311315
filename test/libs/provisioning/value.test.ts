import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as value from '../../../libs/provisioning/value.ts';
import { provisionedDatabase } from '../../support/directory/provisioned.ts';
import fc from '../../support/properties.ts';

function isAccepted(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'value-refused');
    return false;
  }
}

const DANGEROUS = [
  ...'$`\\{}[]<>|;,\'"',
  '^^',
  ':_:',
  'x-pre-process',
  'X-Pre-Process',
  '\r',
  '\n',
  '\t',
  '\u0000',
  '\u0085',
  '\ud800',
];

test('text with anything that FreeSWITCH acts on is refused, wherever it stands', () => {
  const around = fc.string({ unit: fc.constantFrom(...'abc 123.-'), maxLength: 10 });
  fc.assert(
    fc.property(around, fc.constantFrom(...DANGEROUS), around, (before, danger, after) => {
      assert.equal(
        isAccepted(() => value.checkText('name', `${before}${danger}${after}`)),
        false,
      );
    }),
  );
});

test('what a name looks like is accepted', () => {
  for (const name of [
    'Anna Nowak',
    'Zoë (desk 4)',
    'Support & Sales',
    '山田太郎',
    'a@b.test',
    'Dr. No - 007',
    '',
  ]) {
    assert.equal(value.checkText('name', name), name);
  }
});

test('a refusal names the character that is in the way, and shows the name as it was written', () => {
  const told = (name: string) => () => value.checkDisplayName('caller id name', name);
  assert.throws(told(`O'Neil, "Zoe"`), {
    message: `caller id name "O'Neil, \\"Zoe\\"" contains " (FreeSWITCH splits or quotes there)`,
  });
  assert.throws(told('a$b'), /contains \$ \(FreeSWITCH expands it\)/);
  assert.equal(value.checkDisplayName('caller id name', "x-pre'-process, ^'^"), "x-pre'-process, ^'^");
});

test('the database refuses the same texts as we do', async (t) => {
  const { pool } = await provisionedDatabase(t);
  const text = fc.string({
    unit: fc.constantFrom(...'ab $`{};,é山^:_', 'x-pre-process', '\n'),
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(text, async (name) => {
      const isStored = await pool.query('select $1::safe_text', [name]).then(
        () => true,
        () => false,
      );
      assert.equal(
        isStored,
        isAccepted(() => value.checkText('name', name)),
      );
    }),
    { numRuns: 300 },
  );
});

test('users, domains, hosts and networks', () => {
  for (const user of ['1001', 'alice', 'a.b_c+d-e']) assert.equal(value.checkUserId(user), user);
  for (const user of ['', 'a b', 'a@b', '-a', `\${x}`, 'a,b', 'a'.repeat(65)]) {
    assert.equal(
      isAccepted(() => value.checkUserId(user)),
      false,
      user,
    );
  }
  assert.equal(value.checkDomain('SIP.Example.COM'), 'sip.example.com');
  for (const domain of ['', 'a..b', '.a', 'a.', 'a b', 'a:5060', '[::1]']) {
    assert.equal(
      isAccepted(() => value.checkDomain(domain)),
      false,
      domain,
    );
  }
  for (const host of ['127.0.0.1', '::1', 'fs01.example.com'])
    assert.equal(value.checkHost('host', host), host);
  for (const host of ['', 'a b', 'fs01:8021', 'http://x']) {
    assert.equal(
      isAccepted(() => value.checkHost('host', host)),
      false,
      host,
    );
  }
  for (const net of ['192.0.2.1', '192.0.2.0/24', '2001:db8::/32'])
    assert.equal(value.checkNetwork('n', net), net);
  for (const net of ['192.0.2.0/33', '192.0.2.0/24/8', 'host', '192.0.2.0/x', '']) {
    assert.equal(
      isAccepted(() => value.checkNetwork('n', net)),
      false,
      net,
    );
  }
});
