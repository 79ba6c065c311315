import assert from 'node:assert/strict';
import { test } from 'node:test';
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
import fc from '../../support/properties.ts';

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
  const value = printable.filter((text) => !/[,']/.test(text));
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,19}$/);
  const stored = fc.record({
    caller_id_name: printable,
    outbound_caller_id_name: printable,
    caller_id_number: value,
    outbound_caller_id_number: value,
    accountcode: value,
    context: word,
    number_alias: word,
    toll_allow: fc.stringMatching(/^[a-z0-9_-]{1,9}(?:,[a-z0-9_-]{1,9}){0,2}$/),
    params: fc.record({ timezone: value }),
    variables: fc.record({ callgroup: value, user_words: value }),
  });
  fc.assert(
    fc.property(word, stored, (id, values) => {
      const model = directoryModelOf({
        domains: [domainRow('lab.test')],
        users: [userRow(id, 'lab.test', values)],
      });
      const { xml } = ask(directoryForm('lab.test', userFields(id, 'lab.test')), surroundingsOf(model));
      const answered = readAnsweredUser(xml);
      assert.deepEqual(
        [answered?.domain, answered?.id, answered?.attributes['number-alias']],
        ['lab.test', id, values.number_alias],
      );
      assert.equal(answered?.params['timezone'], values.params.timezone);
      assert.partialDeepStrictEqual(answered?.variables, {
        effective_caller_id_name: values.caller_id_name,
        effective_caller_id_number: values.caller_id_number,
        outbound_caller_id_name: values.outbound_caller_id_name,
        outbound_caller_id_number: values.outbound_caller_id_number,
        accountcode: values.accountcode,
        user_context: values.context,
        toll_allow: values.toll_allow,
        ...values.variables,
      });
    }),
    { numRuns: 500 },
  );
});

test("people are called O'Brien and Smith, Jane", () => {
  const entry = userRow('1001', 'lab.test', { caller_id_name: "O'Brien, Jane" });
  const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [entry] });
  const { xml } = ask(directoryForm('lab.test', userFields('1001', 'lab.test')), surroundingsOf(model));
  assert.equal(readAnsweredUser(xml)?.variables['effective_caller_id_name'], "O'Brien, Jane");
});
