-- Kamailio knows our nodes by its dispatcher: it leaves them their headers and asks them for no password. So it has to hear
-- of those, too, that are in no dispatch set (assigned to a domain, or new): they are in a set of their own, the highest
-- number there is, which nothing selects from.
create or replace view kamailio.dispatch_member as
select set_id, node::text as node, priority, weight from public.dispatch_members
union all
select case when exists (select from public.dispatch_members) then 2147483647 else 1 end, switchname::text, 0, 50
from public.nodes node
where not exists (select from public.dispatch_members member where member.node = node.switchname);
