export type Volatility = 'constant' | 'stable' | 'volatile' | 'unknown'

/**
 * How often a function must be computed: once for all rows (`constant`, `stable`) or for each row (`volatile`). PostgreSQL's
 * own functions as pg_proc.dat has them (of overloaded ones the worst), and those of the extensions that defaults are
 * made with. Every other function is the user's own: `unknown`.
 */
export function volatilityOf(name: readonly string[]): Volatility {
  const [own = '', schema] = name.toReversed()
  if (volatile.has(own)) return 'volatile'
  if (schema !== undefined && schema !== 'pg_catalog') return 'unknown'
  if (stable.has(own)) return 'stable'
  return constant.has(own) ? 'constant' : 'unknown'
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** The last two lines: the extensions uuid-ossp and pgcrypto, which may live in any schema. */
const volatile = words(`
  random random_normal setseed clock_timestamp timeofday nextval currval lastval setval pg_sleep gen_random_uuid uuidv4
  uuidv7 txid_current_if_assigned pg_notify set_config lo_create lo_creat
  uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt`)

const stable = words(`
  now transaction_timestamp statement_timestamp current_setting current_schema current_schemas current_database
  current_user session_user user current_catalog current_query version pg_backend_pid txid_current
  pg_current_xact_id txid_current_snapshot pg_current_snapshot inet_client_addr inet_client_port inet_server_addr
  inet_server_port pg_postmaster_start_time age date_part date_trunc extract timezone to_char to_timestamp to_date
  to_number concat concat_ws format to_json to_jsonb json_build_object json_build_array jsonb_build_object
  jsonb_build_array row_to_json array_to_json json_agg jsonb_agg array_to_string make_timestamptz date_add
  date_subtract to_regclass to_regtype format_type has_table_privilege pg_get_expr col_description obj_description
  to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery generate_series text timestamptz date
  overlaps date_bin getdatabaseencoding pg_client_encoding pg_typeof pg_timezone_names unaccent`)

const constant = words(`
  abs ceil ceiling floor round trunc sign mod div power pow sqrt cbrt exp ln log log10 pi greatest least gcd lcm
  factorial degrees radians sin cos tan width_bucket scale
  lower upper initcap length char_length character_length octet_length bit_length substr substring left right lpad rpad
  ltrim rtrim btrim trim replace translate repeat reverse position strpos overlay split_part ascii chr quote_ident
  quote_literal quote_nullable starts_with normalize regexp_replace regexp_match regexp_matches regexp_split_to_array
  regexp_count regexp_substr md5 sha224 sha256 sha384 sha512 encode decode convert convert_from convert_to to_hex to_bin
  to_oct crc32 hashtext hashtextextended get_bit get_byte set_bit set_byte
  array array_append array_prepend array_cat array_fill array_length array_lower array_upper array_ndims array_position
  array_positions array_remove array_replace array_reverse cardinality string_to_array unnest
  make_date make_time make_timestamp make_interval justify_days justify_hours justify_interval isfinite
  json_object jsonb_object jsonb_set jsonb_insert jsonb_strip_nulls json_strip_nulls jsonb_array_length json_array_length
  jsonb_extract_path jsonb_extract_path_text json_extract_path json_extract_path_text jsonb_typeof json_typeof
  int4range int8range numrange tsrange daterange int4multirange int8multirange nummultirange datemultirange
  lower_inc upper_inc isempty host network netmask broadcast masklen set_masklen family abbrev macaddr8_set7bit
  inet cidr point box circle line lseg path polygon num_nulls num_nonnulls setweight strip
  bool int2 int4 int8 float4 float8 numeric varchar bpchar bit varbit uuid_extract_timestamp uuid_extract_version
  xmlcomment digest hmac crypt armor uuid_nil uuid_ns_dns uuid_ns_url uuid_ns_oid uuid_ns_x500 uuid_generate_v3
  uuid_generate_v5 st_geomfromtext st_makepoint st_setsrid`)
