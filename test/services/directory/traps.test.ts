import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import { dialplanForm } from '../../support/directory/dialplan-call.ts';
import { checkExpanded } from '../../support/directory/expanded-text.ts';
import { preprocessorTrap } from '../../support/directory/hostile.ts';
import { hostileCall } from '../../support/directory/hostile-call.ts';
import { hostileFleet } from '../../support/directory/hostile-rows.ts';
import { directoryModelOf, domainRow, userRow } from '../../support/directory/lab-model.ts';
import { ask, directoryForm, type Fields, userFields } from '../../support/directory/lookup-body.ts';
import { parseXml } from '../../support/directory/parsed-xml.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';

const question: fc.Arbitrary<Fields> = fc.oneof(
  fc
    .constantFrom(
      undefined,
      'sip_auth',
      'user_call',
      'group_call',
      'voicemail-lookup',
      'reverse-auth-lookup',
      'event_socket_auth',
      'jsonrpc-authenticate',
    )
    .map(
      (action): Fields => [
        ...(action === undefined ? [] : [['action', action] as const]),
        ...userFields('1001', 'lab.test'),
      ],
    ),
  fc.constantFrom<Fields>(
    [
      ['action', 'group_call'],
      ['group', 'sales'],
    ],
    [['purpose', 'network-list']],
    [
      ['purpose', 'gateways'],
      ['profile', 'internal'],
    ],
    [
      ['purpose', 'publish-vm'],
      ['user', '_all_'],
    ],
    [['Event-Calling-File', 'mod_directory.c']],
    [],
  ),
);

test('no generated entry makes a directory answer that FreeSWITCH would expand, execute or misread', () => {
  fc.assert(
    fc.property(hostileFleet(), question, (given, fields) => {
      const { xml } = ask(directoryForm('lab.test', fields), surroundingsOf(directoryModelOf(given)));
      assert.equal(preprocessorTrap(xml), undefined);
      checkExpanded(parseXml(xml));
    }),
    { numRuns: 800 },
  );
});

test('no generated entry or call makes a dialplan with a ${, a second target or a new variable of theirs', () => {
  fc.assert(
    fc.property(hostileFleet(), hostileCall, (given, asked) => {
      const { xml } = ask(dialplanForm(asked), surroundingsOf(directoryModelOf(given)));
      assert.equal(preprocessorTrap(xml), undefined);
      checkExpanded(parseXml(xml));
    }),
    { numRuns: 800 },
  );
});

test('what may be stored comes out of another parser as it went in', () => {
  const printable = fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .filter((text) => /^[^\p{Cc}$`\\{}[\]<>|;"]*$/u.test(text) && !/\^\^|:_:|x-pre-process/i.test(text));
  fc.assert(
    fc.property(
      printable,
      printable.filter((text) => !/[,']/.test(text)),
      (name, value) => {
        const entry = userRow('1001', 'lab.test', {
          caller_id_name: name,
          params: { timezone: value },
          variables: { callgroup: value },
        });
        const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [entry] });
        const { xml } = ask(directoryForm('lab.test', userFields('1001', 'lab.test')), surroundingsOf(model));
        const answered = readAnsweredUser(xml);
        assert.equal(answered?.variables['effective_caller_id_name'], name);
        assert.equal(answered?.params['timezone'], value);
        assert.equal(answered?.variables['callgroup'], value);
      },
    ),
    { numRuns: 500 },
  );
});

test("people are called O'Brien and Smith, Jane", () => {
  const entry = userRow('1001', 'lab.test', { caller_id_name: "O'Brien, Jane" });
  const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [entry] });
  const { xml } = ask(directoryForm('lab.test', userFields('1001', 'lab.test')), surroundingsOf(model));
  assert.equal(readAnsweredUser(xml)?.variables['effective_caller_id_name'], "O'Brien, Jane");
});
