import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../../libs/errors/coded-error.ts';
import { hasSucceeded, NODE_COMMANDS, toApiCommand } from '../../../libs/freeswitch/node-command.ts';
import fc from '../../support/properties.ts';

test('each command becomes one of FreeSWITCH', () => {
  assert.equal(toApiCommand('pause-inbound', null), 'fsctl pause inbound');
  assert.equal(toApiCommand('resume-inbound', ''), 'fsctl resume inbound');
  assert.equal(toApiCommand('gateway-rescan', 'external'), 'sofia profile external rescan');
  assert.equal(
    toApiCommand('gateway-remove', 'external carrier-1'),
    'sofia profile external killgw carrier-1',
  );
  assert.equal(toApiCommand('flush-user', '1001@a.example'), 'xml_flush_cache id 1001 a.example');
});

test('nothing else reaches a node', () => {
  const refused = [
    ['hupall', null],
    ['pause-inbound', 'x'],
    ['gateway-rescan', null],
    ['gateway-rescan', 'external rescan'],
    ['gateway-remove', 'external'],
    ['flush-user', '1001'],
    ['flush-user', `\${system(id)}@a.example`],
    ['__proto__', null],
    ['constructor', null],
  ] as const;
  for (const [command, argument] of refused)
    assert.throws(
      () => toApiCommand(command, argument),
      (error) => codeOf(error) === 'node-command-invalid',
      `${command} ${argument}`,
    );
});

test('whatever the argument, what comes out is one line of harmless characters', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NODE_COMMANDS), fc.string({ unit: 'binary' }), (command, argument) => {
      try {
        assert.match(toApiCommand(command, argument), /^[\w .+-]+$/);
      } catch (error) {
        assert.equal(codeOf(error), 'node-command-invalid');
      }
    }),
  );
});

test('replies of several lines are read whole', () => {
  assert.equal(hasSucceeded('+OK\n'), true);
  assert.equal(hasSucceeded('Reload XML [Success]\n+OK scan complete\n'), true);
  assert.equal(hasSucceeded('Invalid Profile!\n'), false);
  assert.equal(hasSucceeded('-ERR no such command\n'), false);
});
