import fc from '../properties.ts';
import type { Call } from './dialplan-call.ts';
import { hostileText } from './hostile.ts';

/** A call of which the caller chose all that a caller can choose. */
export const hostileCall: fc.Arbitrary<Call> = fc.record(
  {
    number: fc.oneof(hostileText, fc.constantFrom('1001', '+442071838750', '003312345678', '5000')),
    context: fc.oneof(
      { weight: 1, arbitrary: hostileText },
      { weight: 4, arbitrary: fc.constant('lab.test') },
    ),
    host: hostileText,
    user: fc.constantFrom(undefined, '1001'),
    from: fc.constantFrom('192.0.2.5', '192.0.2.12', '198.51.100.1'),
    more: fc.array(
      fc.tuple(
        fc.constantFrom(
          'variable_sip_h_X-Call-Correlation-ID',
          'variable_sip_h_x-call-correlation-id',
          'variable_sip_h_X-Switchfleet-Forwarded',
          'variable_domain_name',
          'variable_effective_caller_id_name',
        ),
        hostileText,
      ),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);
