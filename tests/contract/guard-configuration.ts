/** How a configuration of migration-guard begins in the pages, where YAML is a workflow otherwise. */
export const guardConfiguration =
  /^# (?:yaml-language-server: \$schema=\S*migration-guard|\.github\/migration-guard\.yml)/
