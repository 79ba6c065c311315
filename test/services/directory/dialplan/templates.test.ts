// One property for each template: whatever was stored and whatever a caller sends, it gives the applications that it should
// with data of ours, or a 404.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEST_TYPES, type DestType } from '../../../../libs/snapshot/tables/did-routing.ts';
import { actionsOf, type Call } from '../../../support/directory/dialplan-call.ts';
import { hostileCall } from '../../../support/directory/hostile-call.ts';
import { hostileFleet } from '../../../support/directory/hostile-rows.ts';
import { directoryModelOf } from '../../../support/directory/lab-model.ts';
import { ask, directoryForm, type Fields, userFields } from '../../../support/directory/lookup-body.ts';
import { at, pairsOf, parseXml } from '../../../support/directory/parsed-xml.ts';
import { surroundingsOf } from '../../../support/directory/surroundings.ts';
import fc from '../../../support/properties.ts';

const SET = new Set(['hangup_after_bridge', 'continue_on_fail', 'call_timeout', 'cc_export_vars']);
const EXPORTED = new Set([
  'domain_name',
  'tenant',
  'nolocal:switchfleet_guest',
  'sip_h_X-Call-Correlation-ID',
]);
const CHANNEL = new Set([
  'sip_invite_domain',
  'presence_id',
  'dialed_user',
  'dialed_domain',
  'sip_h_X-Switchfleet-Forwarded',
  'origination_caller_id_number',
  'origination_caller_id_name',
]);
/** What every call may get; the rest is the template's. */
const COMMON = ['set', 'export', 'unset', 'respond', 'hangup'];
const TEMPLATES: Record<DestType, readonly string[]> = {
  extension: ['bridge', 'answer', 'sleep', 'voicemail'],
  voicemail: ['answer', 'sleep', 'voicemail'],
  queue: ['answer', 'callcenter'],
  ivr: ['answer', 'sleep', 'ivr'],
  conference: ['answer', 'conference'],
  external: ['bridge'],
};
const LOCAL = /\$\{sofia_contact\(\*\/[A-Za-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*\)\}/g;

/** Targets of a dial-string, as FreeSWITCH splits it, without the one expansion that is ours. */
function targetsOf(dialled: string): string[] {
  return dialled.replaceAll(LOCAL, 'local').split(/,|\||:_:/);
}

/** The names of the channel variables that a dial-string sets. */
function variablesOf(dialled: string): string[] {
  const lists = dialled.replaceAll(LOCAL, '').match(/[{[<][^}\]>]*[}\]>]/g) ?? [];
  return lists
    .flatMap((list) =>
      list
        .slice(1, -1)
        .replace(/^\^\^(.)/, '')
        .split(':'),
    )
    .map((pair) => pair.split('=')[0] ?? '');
}

function checkDialString(dialled: string, mostTargets: number): void {
  assert.doesNotMatch(dialled.replaceAll(LOCAL, ''), /[$`\\'"]/, dialled);
  assert.ok(targetsOf(dialled).length <= mostTargets, dialled);
  for (const name of variablesOf(dialled)) assert.ok(CHANNEL.has(name), dialled);
}

function checkAction(application: string, data: string, mostTargets: number): void {
  const text = `${application}(${data})`;
  if (application === 'bridge') checkDialString(data, mostTargets);
  else assert.doesNotMatch(data, /[$`\\'"{}[\]<>|;,]|\^\^|:_:/, text);
  const [name = ''] = data.split('=');
  if (application === 'set') assert.ok(SET.has(name), text);
  if (application === 'export') assert.ok(EXPORTED.has(name), text);
}

/** Half of the calls dial the DID, from a proxy of ours. */
const call: fc.Arbitrary<Call> = fc.oneof(
  hostileCall,
  hostileCall.map((hostile) => ({
    ...hostile,
    number: '+442071838750',
    context: 'lab.test',
    from: '192.0.2.5',
  })),
);

for (const type of DEST_TYPES) {
  test(`${type}: nothing that was stored or sent makes the template more than it is`, () => {
    let rendered = 0;
    const allowed = new Set([...COMMON, ...TEMPLATES[type], ...TEMPLATES.extension, ...TEMPLATES.external]);
    const own = TEMPLATES[type].at(-1);
    fc.assert(
      fc.property(hostileFleet({ destTypes: [type], tenths: 1 }), call, (given, asked) => {
        const actions = actionsOf(asked, surroundingsOf(directoryModelOf(given))) ?? [];
        // The phones here and those on each other node.
        const mostTargets = 1 + given.registrations.length;
        for (const action of actions) {
          const [, application = '', data = ''] = /^([a-z]+)\((.*)\)$/s.exec(action) ?? [];
          assert.ok(allowed.has(application), action);
          checkAction(application, data, mostTargets);
          if (application === own) rendered += 1;
        }
        const bridges = actions.filter((action) => action.startsWith('bridge('));
        assert.ok(bridges.length <= 2, 'the destination, then what the DID falls forward to');
      }),
      { numRuns: 400 },
    );
    assert.ok(rendered > 20, `it was rendered ${rendered} times`);
  });
}

const PARAM = 'section/domain/groups/group/users/user/params/param';

test('dial-string and group-dial-string: one way to the user, in any answer that has them', () => {
  let rendered = 0;
  const action = fc.constantFrom('user_call', 'group_call', undefined);
  fc.assert(
    fc.property(hostileFleet({ tenths: 1 }), action, (given, name) => {
      const asked: Fields = name === undefined ? [] : [['action', name]];
      const body = directoryForm('lab.test', [...asked, ...userFields('1001', 'lab.test')]);
      const { xml } = ask(body, surroundingsOf(directoryModelOf(given)));
      const params = pairsOf(at(parseXml(xml), PARAM));
      const dialled = params['dial-string'];
      if (dialled !== undefined) {
        checkDialString(dialled, 1);
        rendered += 1;
      }
      assert.match(params['group-dial-string'] ?? 'user/1@a', /^user\/[\w.+-]+@[a-z0-9.-]+$/);
    }),
    { numRuns: 400 },
  );
  assert.ok(rendered > 200, `${rendered}`);
});

test('gateway: a name, a host and credentials that FreeSWITCH reads as they are', () => {
  let rendered = 0;
  fc.assert(
    fc.property(hostileFleet({ tenths: 2 }), (given) => {
      const body = directoryForm('lab.test', [
        ['purpose', 'gateways'],
        ['profile', 'internal'],
      ]);
      const { xml } = ask(body, surroundingsOf(directoryModelOf(given)));
      const gateways = at(parseXml(xml), 'section/domain/groups/group/users/user/gateways/gateway');
      for (const gateway of gateways) {
        rendered += 1;
        assert.match(gateway.attributes['name'] ?? '', /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
        const { password: _secret, ...params } = pairsOf(at(gateway, 'param'));
        for (const [name, value] of Object.entries(params))
          assert.doesNotMatch(value, /[$`\\{}<>|;,'"]|\^\^|:_:/, `${name} ${value}`);
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(rendered > 20, `${rendered}`);
});
