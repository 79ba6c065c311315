import { type Fragment, raw, render, sql } from '../fragment.ts';
import type { Queryable } from '../queryable.ts';
import { QUALITY_TAGS, type QualityTag, qualityCondition } from './quality.ts';

/** What did this call suffer from? Nothing of a call that is another tenant's: its tags tell of all of its legs. */
export async function tagsOfCall(
  database: Queryable,
  { id, tenant }: { id: string; tenant: string | undefined },
): Promise<QualityTag[]> {
  const tags = QUALITY_TAGS.map((tag) => sql`case when ${qualityCondition(tag)} then ${raw(`'${tag}'`)} end`);
  const list = tags.reduce((left: Fragment, right) => sql`${left}, ${right}`);
  const { rows } = await database.query<{ tags: QualityTag[] }>(
    render(sql`select array_remove(array[${list}], null) as tags from calls c
      where c.id = ${id}::uuid and c.start_at = call_id_start(${id}::uuid)
        and (${tenant ?? null}::text is null or c.tenant = ${tenant ?? null}::text)`),
  );
  return rows[0]?.tags ?? [];
}
