import { quoteLiteral } from '../database/sql.ts'

/**
 * One row for each thing in a database's schemas: `kind`, `name`, and `text` that says how it is made, as PostgreSQL's own
 * functions write it. With an empty search path they name everything in full. It is not compiled (jit): of so many parts that
 * takes longer than to run them once.
 *
 * Left out are what says nothing about the schema (owners, privileges, comments, storage parameters of tables, figures of
 * statistics), what depends on when things were done (oids, the order of columns), what extensions bring, and partitions,
 * which programs make as time goes by: of them counts what their table does not have. What stands in no schema is the whole
 * database's, and often the provider's: event triggers, publications, casts, servers, languages. Not-null constraints, rows
 * of the catalog since PostgreSQL 18, count as part of their column.
 *
 * @param schemas empty: all but PostgreSQL's own and `ignoredSchema`
 * @param ignoredTables by name, in whatever schema
 */
export function catalogQuery(
  schemas: readonly string[],
  ignoredTables: readonly string[],
  ignoredSchema: string
): string {
  const texts = (values: readonly string[]): string => `ARRAY[${values.map(quoteLiteral).join(', ')}]::text[]`
  return `
SET LOCAL search_path TO '';
SET LOCAL "TimeZone" TO 'UTC';
SET LOCAL datestyle TO 'ISO';
SET LOCAL intervalstyle TO 'postgres';
SET LOCAL quote_all_identifiers TO off;
SET LOCAL jit TO off;
SET LOCAL lock_timeout TO '5s';
WITH ns AS (
  SELECT oid, nspname, quote_ident(nspname) AS name
    FROM pg_catalog.pg_namespace
   WHERE CASE WHEN cardinality(${texts(schemas)}) > 0 THEN nspname = ANY (${texts(schemas)})
              ELSE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' AND nspname <> ${quoteLiteral(ignoredSchema)} END
), brought AS (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), named AS (
  SELECT c.*, ns.name || '.' || quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class c JOIN ns ON ns.oid = c.relnamespace
   WHERE c.relname <> ALL (${texts(ignoredTables)})
     AND NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = c.oid)
), rel AS (
  SELECT * FROM named WHERE NOT relispartition
), tab AS (
  SELECT * FROM rel WHERE relkind IN ('r', 'p', 'f')
), part AS (
  SELECT named.*, i.inhparent FROM named JOIN pg_catalog.pg_inherits i ON i.inhrelid = named.oid
   WHERE named.relispartition AND named.relkind IN ('r', 'p', 'f')
), replica AS (
  SELECT c.oid, CASE c.relreplident WHEN 'n' THEN 'replica identity nothing' WHEN 'f' THEN 'replica identity full'
           WHEN 'i' THEN 'replica identity ' || (SELECT x.indexrelid::regclass::text FROM pg_catalog.pg_index x
                                                  WHERE x.indrelid = c.oid AND x.indisreplident) END AS text
    FROM named c WHERE c.relkind IN ('r', 'p')
), state (sign, text) AS (
  VALUES ('D', 'DISABLED'), ('R', 'REPLICA'), ('A', 'ALWAYS')
)
SELECT kind, name, text FROM (
${parts.map((part) => `(${part.trim()})`).join('\nUNION ALL\n')}
) AS things (kind, name, text)`
}

const parts: readonly string[] = [
  // public is everywhere.
  `SELECT 'schema', name, '' FROM ns WHERE nspname <> 'public'
      AND NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_namespace'::regclass AND objid = ns.oid)`,
  // Which version of it there is depends on the server.
  `SELECT 'extension', quote_ident(extname), '' FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'`,
  `SELECT CASE relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, name, concat_ws(' ',
      CASE relpersistence WHEN 'u' THEN 'unlogged' END,
      CASE relkind WHEN 'p' THEN 'partitioned by ' || pg_catalog.pg_get_partkeydef(oid) END,
      (SELECT 'inherits ' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
         FROM pg_catalog.pg_inherits i WHERE i.inhrelid = tab.oid),
      CASE WHEN relrowsecurity THEN 'row level security' END,
      CASE WHEN relforcerowsecurity THEN 'forced' END,
      (SELECT replica.text FROM replica WHERE replica.oid = tab.oid),
      (SELECT concat_ws(' ', 'server', quote_ident(s.srvname), f.ftoptions::text)
         FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = tab.oid))
    FROM tab`,
  `SELECT 'partition', part.name, own.text
    FROM part CROSS JOIN LATERAL (SELECT concat_ws(' ',
      CASE WHEN relrowsecurity THEN 'row level security' END,
      CASE WHEN relforcerowsecurity THEN 'forced' END,
      (SELECT replica.text FROM replica WHERE replica.oid = part.oid),
      (SELECT string_agg(DISTINCT 'internal triggers ' || state.text, ' ') FROM pg_catalog.pg_trigger t JOIN state ON state.sign = t.tgenabled
        WHERE t.tgrelid = part.oid AND t.tgisinternal)) AS text) own
   WHERE own.text <> ''`,
  // A default that only its table has is used all the same: rows come by the table.
  `SELECT 'column', part.name || '.' || quote_ident(a.attname), concat_ws(' ',
      CASE WHEN a.attnotnull AND NOT p.attnotnull THEN 'not null' END,
      CASE WHEN own.text IS DISTINCT FROM its.text THEN 'default ' || own.text END)
    FROM part
    JOIN pg_catalog.pg_attribute a ON a.attrelid = part.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    JOIN pg_catalog.pg_attribute p ON p.attrelid = part.inhparent AND p.attname = a.attname
    LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS text FROM pg_catalog.pg_attrdef d
                        WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) own ON true
    LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS text FROM pg_catalog.pg_attrdef d
                        WHERE d.adrelid = p.attrelid AND d.adnum = p.attnum) its ON true
   WHERE a.attnotnull AND NOT p.attnotnull OR own.text IS NOT NULL AND own.text IS DISTINCT FROM its.text`,
  `SELECT 'column', rel.name || '.' || quote_ident(a.attname), 'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
    FROM rel JOIN pg_catalog.pg_attrdef d ON d.adrelid = rel.oid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid AND a.attnum = d.adnum WHERE rel.relkind = 'v'`,
  `SELECT 'column', tab.name || '.' || quote_ident(a.attname), concat_ws(' ',
      pg_catalog.format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0 THEN 'collate ' || a.attcollation::regcollation::text END,
      CASE WHEN a.attnotnull THEN 'not null' END,
      CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_constraint n WHERE n.conrelid = a.attrelid AND n.contype = 'n'
                           AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated) THEN 'not valid' END,
      a.attfdwoptions::text,
      CASE a.attgenerated
        WHEN 's' THEN 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ') stored'
        WHEN 'v' THEN 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ') virtual'
        ELSE 'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
      CASE a.attidentity WHEN 'a' THEN 'generated always as identity' WHEN 'd' THEN 'generated by default as identity' END,
      (SELECT concat('(', concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax,
                'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END), ')')
         FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_sequence s ON s.seqrelid = p.objid
        WHERE p.deptype = 'i' AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.classid = 'pg_catalog.pg_class'::regclass
          AND p.refobjid = tab.oid AND p.refobjsubid = a.attnum))
    FROM tab
    JOIN pg_catalog.pg_attribute a ON a.attrelid = tab.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum`,
  // Those of partitions follow their table's.
  `SELECT 'constraint', t.name || '.' || quote_ident(c.conname), concat_ws(' ', pg_catalog.pg_get_constraintdef(c.oid),
      (SELECT string_agg(DISTINCT concat_ws(' ', 'TRIGGERS OF', g.tgrelid::regclass::text, state.text), ' ')
         FROM pg_catalog.pg_trigger g JOIN state ON state.sign = g.tgenabled WHERE g.tgconstraint = c.oid))
    FROM (SELECT oid, name, relispartition FROM tab UNION ALL SELECT oid, name, relispartition FROM part) t
    JOIN pg_catalog.pg_constraint c ON c.conrelid = t.oid
   WHERE c.contype NOT IN ('n', 't') AND c.conparentid = 0 AND NOT (t.relispartition AND c.coninhcount > 0)`,
  `SELECT 'index', n.name || '.' || quote_ident(i.relname), concat_ws(' ', pg_catalog.pg_get_indexdef(i.oid),
      CASE WHEN NOT x.indisvalid THEN 'INVALID' END)
    FROM named rel JOIN pg_catalog.pg_index x ON x.indrelid = rel.oid
    JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid AND NOT i.relispartition
    JOIN ns n ON n.oid = i.relnamespace
   WHERE rel.relkind IN ('r', 'p', 'm')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = i.oid AND c.conrelid = rel.oid AND c.contype IN ('p', 'u', 'x'))`,
  // Those of identity columns stand with their columns.
  `SELECT 'sequence', rel.name, concat_ws(' ', pg_catalog.format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
      'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END,
      (SELECT 'owned by ' || p.refobjid::regclass::text || '.' || quote_ident(a.attname)
         FROM pg_catalog.pg_depend p
         JOIN pg_catalog.pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid
        WHERE p.deptype = 'a' AND p.classid = 'pg_catalog.pg_class'::regclass AND p.objid = rel.oid))
    FROM rel JOIN pg_catalog.pg_sequence s ON s.seqrelid = rel.oid
   WHERE NOT EXISTS (
     SELECT FROM pg_catalog.pg_depend p WHERE p.deptype = 'i' AND p.classid = 'pg_catalog.pg_class'::regclass AND p.objid = rel.oid)`,
  `SELECT CASE relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, name,
      concat_ws(' ', array_to_string(CASE relkind WHEN 'v' THEN reloptions END, ' '), pg_catalog.pg_get_viewdef(oid))
    FROM rel WHERE relkind IN ('v', 'm')`,
  `SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END, p.oid::regprocedure::text,
      CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) ELSE (
        SELECT concat_ws(' ', a.aggtransfn::regproc::text, a.aggfinalfn::regproc::text, format_type(a.aggtranstype, NULL), a.agginitval,
          'combine ' || nullif(a.aggcombinefn::regproc::text, '-'), 'moving ' || nullif(a.aggmtransfn::regproc::text, '-'),
          nullif(a.aggminvtransfn::regproc::text, '-'), nullif(a.aggmfinalfn::regproc::text, '-'), a.aggminitval,
          'sorted by ' || nullif(a.aggsortop::regoper::text, '0'), nullif(p.proparallel::text, 'u'))
          FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid) END
    FROM pg_catalog.pg_proc p JOIN ns ON ns.oid = p.pronamespace
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_proc'::regclass AND objid = p.oid)
     AND NOT EXISTS (
       -- The constructors of a range type are its own.
       SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`,
  // Partitions have copies of their table's (tgparentid, since PostgreSQL 13), and may have them switched in another way.
  `SELECT 'trigger', rel.name || '.' || quote_ident(t.tgname), concat_ws(' ', pg_catalog.pg_get_triggerdef(t.oid),
      (SELECT state.text FROM state WHERE state.sign = t.tgenabled))
    FROM named rel JOIN pg_catalog.pg_trigger t ON t.tgrelid = rel.oid
    LEFT JOIN pg_catalog.pg_trigger its ON its.oid::text = to_jsonb(t) ->> 'tgparentid'
   WHERE NOT t.tgisinternal AND (its.oid IS NULL OR its.tgenabled <> t.tgenabled)`,
  `SELECT 'policy', tab.name || '.' || quote_ident(p.polname), concat_ws(' ',
      CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, p.polcmd,
      (SELECT 'to ' || string_agg(CASE WHEN r = 0 THEN 'public' ELSE r::regrole::text END, ', ' ORDER BY r::regrole::text)
         FROM unnest(p.polroles) r),
      'using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
    FROM named tab JOIN pg_catalog.pg_policy p ON p.polrelid = tab.oid`,
  `SELECT 'rule', rel.name || '.' || quote_ident(r.rulename), concat_ws(' ', pg_catalog.pg_get_ruledef(r.oid),
      (SELECT state.text FROM state WHERE state.sign = r.ev_enabled))
    FROM named rel JOIN pg_catalog.pg_rewrite r ON r.ev_class = rel.oid WHERE r.rulename <> '_RETURN'`,
  `SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'type' END,
      ns.name || '.' || quote_ident(t.typname),
      CASE t.typtype
        WHEN 'e' THEN (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)
        WHEN 'd' THEN concat_ws(' ', pg_catalog.format_type(t.typbasetype, t.typtypmod),
          CASE WHEN t.typcollation <> (SELECT b.typcollation FROM pg_catalog.pg_type b WHERE b.oid = t.typbasetype) THEN 'collate ' || t.typcollation::regcollation::text END,
          CASE WHEN t.typnotnull THEN 'not null' END,
          'default ' || t.typdefault,
          (SELECT string_agg(concat_ws(' ', quote_ident(c.conname), pg_catalog.pg_get_constraintdef(c.oid)), ', ' ORDER BY c.conname)
             FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'))
        WHEN 'r' THEN (SELECT concat_ws(' ', pg_catalog.format_type(r.rngsubtype, NULL), 'collate ' || nullif(r.rngcollation, 0)::regcollation::text,
            CASE WHEN NOT c.opcdefault THEN 'by ' || quote_ident(c.opcname) END, nullif(r.rngsubdiff::regproc::text, '-'))
          FROM pg_catalog.pg_range r JOIN pg_catalog.pg_opclass c ON c.oid = r.rngsubopc WHERE r.rngtypid = t.oid)
        ELSE (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod),
                  CASE WHEN a.attcollation <> y.typcollation THEN 'collate ' || a.attcollation::regcollation::text END), ', ' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END
    FROM pg_catalog.pg_type t JOIN ns ON ns.oid = t.typnamespace
   WHERE (t.typtype IN ('e', 'd', 'r')
          OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
     AND NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_type'::regclass AND objid = t.oid)`,
  `SELECT 'statistics', ns.name || '.' || quote_ident(s.stxname), pg_catalog.pg_get_statisticsobjdef(s.oid)
    FROM pg_catalog.pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_statistic_ext'::regclass AND objid = s.oid)`,
  `SELECT 'operator', o.oid::regoperator::text, concat_ws(' ', 'function', o.oprcode::regproc::text, 'commutator ' || nullif(o.oprcom, 0)::regoper::text,
      'negator ' || nullif(o.oprnegate, 0)::regoper::text, nullif(o.oprrest::regproc::text, '-'), nullif(o.oprjoin::regproc::text, '-'),
      CASE WHEN o.oprcanhash THEN 'hashes' END, CASE WHEN o.oprcanmerge THEN 'merges' END)
    FROM pg_catalog.pg_operator o JOIN ns ON ns.oid = o.oprnamespace
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_operator'::regclass AND objid = o.oid)`,
  `SELECT 'operator class', ns.name || '.' || quote_ident(c.opcname), concat_ws(' ', 'using', a.amname, 'for', format_type(c.opcintype, NULL),
      CASE WHEN c.opcdefault THEN 'default' END, 'storage ' || format_type(nullif(c.opckeytype, 0), NULL),
      (SELECT string_agg(concat_ws(' ', m.amopstrategy, m.amopopr::regoperator::text), ', ' ORDER BY m.amopstrategy, m.amopopr::regoperator::text)
         FROM pg_catalog.pg_amop m WHERE m.amopfamily = c.opcfamily),
      (SELECT string_agg(concat_ws(' ', m.amprocnum, m.amproc::regprocedure::text), ', ' ORDER BY m.amprocnum, m.amproc::regprocedure::text)
         FROM pg_catalog.pg_amproc m WHERE m.amprocfamily = c.opcfamily))
    FROM pg_catalog.pg_opclass c JOIN ns ON ns.oid = c.opcnamespace JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_opclass'::regclass AND objid = c.oid)`,
  // The columns for its locale have other names in each version.
  `SELECT 'collation', ns.name || '.' || quote_ident(c.collname), concat_ws(' ', 'provider', c.collprovider, c.collcollate, c.collctype,
      coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'), to_jsonb(c) ->> 'collicurules',
      CASE WHEN NOT c.collisdeterministic THEN 'not deterministic' END)
    FROM pg_catalog.pg_collation c JOIN ns ON ns.oid = c.collnamespace
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_collation'::regclass AND objid = c.oid)`,
  `SELECT 'text search configuration', ns.name || '.' || quote_ident(c.cfgname), concat_ws(' ', 'parser', p.prsname,
      (SELECT string_agg(concat_ws(' ', t.alias, m.mapdict::regdictionary::text), ', ' ORDER BY m.maptokentype, m.mapseqno)
         FROM pg_catalog.pg_ts_config_map m JOIN pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype WHERE m.mapcfg = c.oid))
    FROM pg_catalog.pg_ts_config c JOIN ns ON ns.oid = c.cfgnamespace JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_ts_config'::regclass AND objid = c.oid)`,
  `SELECT 'text search dictionary', ns.name || '.' || quote_ident(d.dictname), concat_ws(' ', 'template', t.tmplname, d.dictinitoption)
    FROM pg_catalog.pg_ts_dict d JOIN ns ON ns.oid = d.dictnamespace JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
   WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_catalog.pg_ts_dict'::regclass AND objid = d.oid)`
]
