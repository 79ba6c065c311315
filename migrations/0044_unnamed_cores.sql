-- A merger looks every second for nodes of which something was said without naming their core.
create index node_evidence_unnamed on node_evidence (node) where core_uuid is null;
