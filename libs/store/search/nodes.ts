import { asc, eq } from 'drizzle-orm';
import type { SearchDatabase } from './search-database.ts';
import { nodeStatus, nodes } from './tables.ts';

export interface NodeOverview {
  configured: typeof nodes.$inferSelect;
  /** null while no collector has said anything */
  status: typeof nodeStatus.$inferSelect | null;
}

/** All configured nodes, by name, each with what collectors said about it last. */
export async function listNodes(database: SearchDatabase): Promise<NodeOverview[]> {
  return await database
    .select({ configured: nodes, status: nodeStatus })
    .from(nodes)
    .leftJoin(nodeStatus, eq(nodeStatus.node, nodes.switchname))
    .orderBy(asc(nodes.switchname));
}
