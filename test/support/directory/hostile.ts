import fc from '../properties.ts';

/** Texts that FreeSWITCH's preprocessor, its expansion, its dial-string parser or an XML parser would act on. */
export const TRAPS = [
  '$${hold_music}',
  `\${system(id)}`,
  '$${domain}',
  'x-pre-process',
  '<X-PRE-PROCESS cmd="exec" data="id"/>',
  '<!--#exec id-->',
  '<?xml version="1.0"?>',
  '<include>',
  '</include>',
  '"/><param name="password" value=""/>',
  '&amp;&#36;{x}',
  ']]>',
  '\r\n<x-pre-process/>',
  '\u0000\u001b\u007f\u0085\u2028',
  '\ud800',
  '\u{1f4de}',
  'a,sofia/external/evil@evil.example',
  'a|loopback/evil',
  'a:_:user/evil',
  '{sip_h_X-Evil=1}',
  '[origination_caller_id_number=1]',
  '<x=1>',
  '^^:a=b',
  "a'b",
  'a;b',
  'a\\b',
  'a`b',
  '1001@evil.example',
  '1001+1234',
  '=:~@/*',
];

/** Any text, more often than not one that would harm. */
export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TRAPS) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.string(), fc.constantFrom(...TRAPS), fc.string()).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom('1001', '5000', 'sales', '+442071838750') },
);

/** A map of free pairs, names and values of any kind. */
export const hostilePairs = fc.option(fc.dictionary(hostileText, hostileText, { maxKeys: 4 }));

const LINE = /^<(?:\/?[a-z-]+|[a-z-]+(?: [a-z-]+="[^"<>]*")*\/?)>$/;

/** Why FreeSWITCH would not take a reply as we meant it; undefined: it would. Its code reads line by line. */
export function preprocessorTrap(xml: string): string | undefined {
  for (const line of xml.trimEnd().split('\n')) {
    if (!LINE.test(line)) return `not one element: ${line}`;
    if (/\$\$\{|x-pre-process|<\?|<include>|<\/include>|<!--/i.test(line)) return `a directive: ${line}`;
    if (/[\p{Cc}\ufffe\uffff]/u.test(line)) return `a control character: ${line}`;
  }
  return undefined;
}
