import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** How the numbers of a domain are dialled. */
export interface NumberingPlan {
  /** ISO 3166-1 alpha-2; undefined: national numbers can't be told apart from international ones */
  country?: string | undefined;
  /** prefixed to numbers that are dialled without one (local dialling) */
  areaCode?: string | undefined;
  /** what is dialled instead of the plus, `00` in most countries */
  internationalPrefix?: string | undefined;
}

const E164 = /^\+[1-9][0-9]{2,14}$/;
const DIGITS = /^[0-9]+$/;
/** What people write between digits, and nothing else. */
const SEPARATORS = /[\s().\-/]/g;
/** `+44 (0)20 …`: what is dialled inside the country only; but in Italy, and a few others, it belongs to the number. */
const NATIONAL_ZERO = '(0)';
const MAX_LENGTH = 40;
/** Below this, digits dialled without a prefix are an extension or a short code (112, 1001), never a number. */
const SHORTEST_LOCAL = 5;
const SHORTEST_BARE = 7;

/** Country code and all: the shortest numbers that answer from abroad have five digits (+49 115). */
const SHORTEST_WHOLE = 5;

/**
 * Whether what looks like E.164 can be a whole number, and not only what numbers begin with (+4420). What is short of these
 * digits and dialled anyway (112) has no country code, and never was E.164.
 */
export function isWholeNumber(e164: string): boolean {
  return e164.length > SHORTEST_WHOLE;
}

/**
 * A number as people or carriers write it → E.164 (`+442071838750`), or undefined when it is none. A leading plus or
 * international prefix always means international; else the plan's country decides how national and local numbers are
 * written; without a country the digits are taken as international (carriers leave the plus out). ITU-T E.164: up to
 * 15 digits. Whether the number is assigned to anybody is not asked: plans change faster than tables.
 */
export function toE164(number: string, plan: NumberingPlan = {}): string | undefined {
  const { internationalPrefix = '00' } = plan;
  if (E164.test(number)) return number;
  if (number.length > MAX_LENGTH) return undefined;
  const plain = number.replace(SEPARATORS, '');
  const read = number.includes(NATIONAL_ZERO) ? withoutNationalZero : valid;
  if (plain.startsWith('+')) return read(plain);
  if (!DIGITS.test(plain)) return undefined;
  if (plain.startsWith(internationalPrefix)) return read(`+${plain.slice(internationalPrefix.length)}`);
  if (plan.country === undefined || !isSupportedCountry(plan.country)) {
    return plain.length < SHORTEST_BARE ? undefined : valid(`+${plain}`);
  }
  return plain.length < SHORTEST_LOCAL ? undefined : national(plain, plan.country, plan.areaCode);
}

function national(digits: string, country: CountryCode, areaCode: string | undefined): string | undefined {
  const parsed = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false });
  const isPrefixed =
    digits.startsWith('0') || (parsed !== undefined && parsed.nationalNumber.length < digits.length);
  // A local number is often a valid national one too: whoever has an area code dials the national prefix for those.
  const local = areaCode === undefined || isPrefixed ? undefined : `${areaCode}${digits}`;
  return (
    (local === undefined ? undefined : assigned(local, country)) ??
    (parsed?.isValid() ? valid(parsed.number) : undefined) ??
    // Carriers hand over the country code without a plus: only a number that is then valid is taken so.
    assigned(`+${digits}`)
  );
}

function assigned(number: string, country?: CountryCode): string | undefined {
  const parsed = parsePhoneNumberFromString(number, {
    extract: false,
    ...(country === undefined ? {} : { defaultCountry: country }),
  });
  return parsed?.isValid() ? valid(parsed.number) : undefined;
}

/** Which countries keep the zero is known to the library. */
function withoutNationalZero(number: string): string | undefined {
  return assigned(number) ?? valid(number);
}

function valid(number: string): string | undefined {
  return E164.test(number) ? number : undefined;
}
