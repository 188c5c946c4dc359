import { graphqlSync } from 'graphql'
import { rootFields } from './graphql-fields.ts'
import { graphqlSchema } from './graphql-schema.ts'
import type { GraphqlCall } from './graphql-users.ts'
import type { Answer } from './operation.ts'

/**
 * POST /graphql: parses, validates and executes the query against graphql-schema.ts, introspection included, for gh
 * asks with it which fields a server has. Needs a token, whatever it asks.
 */
export function answerGraphql(call: GraphqlCall): Answer {
  if (call.actor.kind === 'anonymous') {
    return {
      status: 401,
      body: {
        message: 'This endpoint requires you to be authenticated.',
        documentation_url:
          'https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql',
        status: '401'
      }
    }
  }
  const sent = parse(call.request.body)
  if (sent === undefined) {
    return {
      status: 400,
      body: { message: 'Problems parsing JSON', documentation_url: 'https://docs.github.com/graphql', status: '400' }
    }
  }
  const result = graphqlSync({
    schema: graphqlSchema,
    source: sent.query,
    rootValue: rootFields(call, call.actor),
    variableValues: sent.variables,
    operationName: sent.operationName
  })
  const errors = result.errors?.map((error) => {
    const { type, ...rest } = { ...error.extensions }
    return {
      ...(type === undefined ? {} : { type }),
      ...(error.path === undefined ? {} : { path: error.path }),
      ...(Object.keys(rest).length === 0 ? {} : { extensions: rest }),
      locations: error.locations,
      message: error.message
    }
  })
  return {
    status: 200,
    body: { ...(result.data === undefined ? {} : { data: result.data }), ...(errors === undefined ? {} : { errors }) }
  }
}

function parse(
  body: Buffer
):
  | { readonly query: string; readonly variables: Record<string, unknown>; readonly operationName: string | undefined }
  | undefined {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('query' in value) || typeof value.query !== 'string') {
    return { query: '', variables: {}, operationName: undefined }
  }
  const variables: unknown = 'variables' in value ? value.variables : undefined
  const operationName =
    'operationName' in value && typeof value.operationName === 'string' ? value.operationName : undefined
  return {
    query: value.query,
    variables: typeof variables === 'object' && variables !== null ? Object.fromEntries(Object.entries(variables)) : {},
    operationName
  }
}
