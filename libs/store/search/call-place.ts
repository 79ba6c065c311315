/** A call's id begins with its start (libs/calls/call-id.ts): 15 hexadecimal digits of µs, a version digit among them. */

/** The start that any id would carry, µs. */
export function startOfId(id: string): number {
  return Number.parseInt(`${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(15, 18)}`, 16);
}

/** The least id that a call of this moment or later can have, as call_id_floor in SQL. */
export function floorOfCallIds(us: number): string {
  const time = Math.max(0, Math.floor(us)).toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-0${time.slice(12, 15)}-0000-000000000000`;
}

/** Whether an id is one of `floorOfCallIds`: the place where a search ran out of time, and no call. */
export function isFloor(id: string): boolean {
  return id.endsWith('-0000-000000000000') && id.charAt(14) === '0';
}
