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
/** What people write between digits, and nothing else. */
const SEPARATORS = /[\s().\-/]/g;

/**
 * A number as people or carriers write it → E.164 (`+442071838750`), or undefined when it is none. A leading plus or
 * international prefix always means international; else the plan's country decides how national and local numbers are
 * written; without a country the digits are taken as international (carriers leave the plus out). ITU-T E.164: up to
 * 15 digits. Whether the number is assigned to anybody is not asked: plans change faster than tables.
 */
export function toE164(number: string, plan: NumberingPlan = {}): string | undefined {
  const { internationalPrefix = '00' } = plan;
  if (number.length > 40) return undefined;
  const plain = number.replace(SEPARATORS, '');
  if (plain.startsWith('+')) return valid(plain);
  if (!/^[0-9]+$/.test(plain)) return undefined;
  if (plain.startsWith(internationalPrefix)) return valid(`+${plain.slice(internationalPrefix.length)}`);
  if (plan.country === undefined || !isSupportedCountry(plan.country)) return valid(`+${plain}`);
  return national(plain, plan.country, plan.areaCode);
}

function national(digits: string, country: CountryCode, areaCode: string | undefined): string | undefined {
  const parsed = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false });
  if (parsed?.isValid()) return valid(parsed.number);
  if (areaCode !== undefined) {
    const local = parsePhoneNumberFromString(`${areaCode}${digits}`, {
      defaultCountry: country,
      extract: false,
    });
    if (local?.isValid()) return valid(local.number);
  }
  // Carriers hand over the country code without a plus: only a number that is then valid is taken so.
  const international = parsePhoneNumberFromString(`+${digits}`);
  return international?.isValid() ? valid(international.number) : undefined;
}

function valid(number: string): string | undefined {
  return E164.test(number) ? number : undefined;
}
