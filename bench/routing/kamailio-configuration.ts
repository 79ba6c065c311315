/** The same proxy twice: it asks for a decision and redirects the caller there; only how it asks is different. */
export interface ConfigurationOptions {
  address: string;
  children: number;
}

const BEGINNING = ({ address, children }: ConfigurationOptions) => `#!KAMAILIO
debug=1
log_stderror=yes
children=${children}
auto_aliases=no
listen=udp:${address}:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "kex.so"
loadmodule "ctl.so"
`;

const ENDING = `
route[ANSWER] {
  append_to_reply("Contact: <$var(to)>\\r\\n");
  sl_send_reply("302", "Moved Temporarily");
  exit;
}
`;

/** Ours: one lookup over a kept connection, the answer read as the shipped file reads it. */
export function lookupConfiguration(options: ConfigurationOptions & { routing: string }): string {
  return `${BEGINNING(options)}
loadmodule "jansson.so"
loadmodule "rtjson.so"
loadmodule "uac.so"
loadmodule "http_client.so"
modparam("http_client", "connection_timeout", 1)
modparam("http_client", "keep_connections", 1)
modparam("http_client", "authmethod", 1)
modparam("http_client", "httpcon", "switchfleet=>${options.routing}")
request_route {
  if (!is_method("INVITE")) exit;
  $var(doc) = "";
  $var(rc) = http_connect("switchfleet", "/kamailio/route?to=$(rU{s.escape.param})&from=$(fu{s.escape.param})&domain=$(rd{s.escape.param})&src=$si:$sp&call_id=$(ci{s.escape.param})&correlation_id=x&via=", "$var(doc)");
  if ($var(rc) == 200) {
    $var(result) = "none";
    jansson_get("result", "$var(doc)", "$var(result)");
    if ($var(result) == "route" && rtjson_init_routes("$var(doc)") && rtjson_push_routes()) {
      $var(to) = $du;
      route(ANSWER);
    }
  }
  sl_send_reply("503", "Service Unavailable");
}
${ENDING}`;
}

/** The usual one: a query for the DID, a query for the least loaded node of its domain's set. */
export function sqlConfiguration(options: ConfigurationOptions & { database: string }): string {
  return `${BEGINNING(options)}
loadmodule "db_postgres.so"
loadmodule "sqlops.so"
modparam("sqlops", "sqlcon", "ca=>${options.database}")
request_route {
  if (!is_method("INVITE")) exit;
  sql_query("ca", "select did.destination, did.domain, domain.dispatch_set from did_routing did join domains domain on domain.name = did.domain where did.did = '$(rU{s.escape.common})' and did.active and domain.enabled order by did.priority desc limit 1", "did");
  if ($dbr(did=>rows) > 0) {
    sql_query("ca", "select node.sip_uri from dispatch_members member join nodes node on node.switchname = member.node left join node_status status on status.node = node.switchname where member.set_id = $dbr(did=>[0,2]) and node.state = 'active' and node.sip_uri is not null order by member.priority desc, coalesce((status.load->>'sessions')::float8, 0) / coalesce((status.load->>'max_sessions')::float8, 1000) limit 1", "node");
    if ($dbr(node=>rows) > 0) {
      $var(to) = $dbr(node=>[0,0]);
      sql_result_free("did");
      sql_result_free("node");
      route(ANSWER);
    }
  }
  sl_send_reply("404", "Not Found");
}
${ENDING}`;
}
