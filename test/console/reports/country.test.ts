import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameCountry } from '../../../console/reports/country.ts';

test('a calling code has the name of its country', () => {
  assert.deepEqual(['+39', '+49', '+44', '+1', '+353', '+999', '', 'none'].map(nameCountry), [
    '+39 Italy',
    '+49 Germany',
    '+44 United Kingdom',
    '+1 North America',
    '+353 Ireland',
    '+999',
    '',
    'none',
  ]);
});
