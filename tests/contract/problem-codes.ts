import { join } from 'node:path'
import ts from 'typescript'
import { nodesOf } from './action-source.ts'
import { projectFiles, root } from './repository.ts'

/** Templates whose open part is a key of a table in the product: where the table is, and its name. */
const families: Readonly<Record<string, readonly [file: string, table: string]>> = {
  'metadata-': ['actions/pypi-publish/metadata-field.ts', 'metadataFields'],
  'mint-': ['actions/pypi-publish/trusted-publishing.ts', 'hints'],
  'project-': ['actions/pypi-publish/plan.ts', 'closedStatus']
}

/** What the sources under actions/ give as the `code` of a problem. */
export interface ProblemCodes {
  readonly codes: ReadonlySet<string>
  /** Expressions that this reader cannot follow, as `path:line: text`. */
  readonly unread: readonly string[]
}

/**
 * Reads every `Problem` that is written in actions/ and follows its code to string literals: through conditions,
 * unions of literals, tables, and parameters to every call.
 */
export function problemCodes(): ProblemCodes {
  const paths = projectFiles().filter((path) => /^actions\/.*\.ts$/.test(path))
  const program = ts.createProgram(
    paths.map((path) => join(root, path)),
    compilerOptions()
  )
  const checker = program.getTypeChecker()
  const files = paths.flatMap((path) => program.getSourceFile(join(root, path)) ?? [])
  const codes = new Set<string>()
  const unread: string[] = []
  const seen = new Set<ts.Node>()

  const follow = (expression: ts.Expression): readonly string[] => {
    if (ts.isStringLiteralLike(expression)) return [expression.text]
    if (ts.isConditionalExpression(expression)) return [...follow(expression.whenTrue), ...follow(expression.whenFalse)]
    if (ts.isTemplateExpression(expression)) return followTemplate(expression)
    if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
      return [...follow(expression.left), ...follow(expression.right)]
    const literals = literalsOf(checker.getTypeAtLocation(expression))
    if (literals.length > 0) return literals
    // What a rule found has the rule's name, and the rules have a page of their own.
    if (expression.getText() === 'rule') return []
    const declaration = declarationOf(expression)
    if (declaration !== undefined && ts.isParameter(declaration)) return followCalls(declaration)
    // A code that was given to another object: where that object is written, it is read.
    if (ts.isPropertyAccessExpression(expression) && expression.name.text === 'code') return []
    unread.push(`${place(expression)}: ${expression.getText()}`)
    return []
  }

  const followTemplate = ({ head, templateSpans }: ts.TemplateExpression): readonly string[] => {
    const [span] = templateSpans
    if (templateSpans.length !== 1 || span === undefined) return []
    const literals = literalsOf(checker.getTypeAtLocation(span.expression))
    const family = families[head.text]
    const closed =
      literals.length > 0 ? literals : family && keysOf(program.getSourceFile(join(root, family[0])), family[1])
    const parts = closed ?? follow(span.expression)
    return parts.map((part) => `${head.text}${part}${span.literal.text}`)
  }

  const followCalls = (parameter: ts.ParameterDeclaration): readonly string[] => {
    if (seen.has(parameter)) return []
    seen.add(parameter)
    const position = parameter.parent.parameters.indexOf(parameter)
    return [...nodesOf(files)].flatMap((node) => {
      if (!ts.isCallExpression(node)) return []
      const argument = node.arguments[position]
      const called = checker.getResolvedSignature(node)?.declaration
      return called === parameter.parent && argument !== undefined ? follow(argument) : []
    })
  }

  const declarationOf = (expression: ts.Expression): ts.Declaration | undefined =>
    checker.getSymbolAtLocation(expression)?.valueDeclaration

  for (const node of nodesOf(files)) {
    if (!ts.isObjectLiteralExpression(node) || !tellsAProblem(node, checker)) continue
    for (const property of node.properties) {
      if (property.name?.getText() !== 'code') continue
      if (ts.isPropertyAssignment(property)) follow(property.initializer).forEach((code) => codes.add(code))
      if (ts.isShorthandPropertyAssignment(property)) {
        const declaration = checker.getShorthandAssignmentValueSymbol(property)?.valueDeclaration
        // Taken out of another object, as in `const { code } = …`: where that object is written, it is read.
        if (declaration !== undefined && ts.isBindingElement(declaration)) continue
        const found =
          declaration !== undefined && ts.isParameter(declaration) ? followCalls(declaration) : follow(property.name)
        found.forEach((code) => codes.add(code))
      }
    }
  }
  return { codes, unread }
}

/** An object with a code and a hint, or one that stands where a `Problem` is expected. */
function tellsAProblem(node: ts.ObjectLiteralExpression, checker: ts.TypeChecker): boolean {
  const own = new Set(node.properties.map((property) => property.name?.getText()))
  if (own.has('code') && own.has('hint')) return true
  const expected = checker.getContextualType(node)
  return expected?.getProperty('hint') !== undefined && expected.getProperty('code') !== undefined
}

function literalsOf(type: ts.Type): readonly string[] {
  const parts = type.isUnion() ? type.types : [type]
  return parts.every((part) => part.isStringLiteral()) ? parts.map((part) => part.value) : []
}

/** Keys of the object literal that a constant holds, whatever `as const` and `satisfies` stand after it. */
function keysOf(file: ts.SourceFile | undefined, table: string): readonly string[] {
  for (const node of nodesOf(file === undefined ? [] : [file])) {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== table) continue
    let value = node.initializer
    while (value !== undefined && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)))
      value = value.expression
    if (value === undefined || !ts.isObjectLiteralExpression(value)) continue
    return value.properties.map((property) => property.name?.getText().replaceAll(/^'|'$/g, '') ?? '')
  }
  throw new Error(`there is no table ${table} in ${file?.fileName ?? 'a file that is gone'}`)
}

function place(node: ts.Node): string {
  const file = node.getSourceFile()
  const { line } = file.getLineAndCharacterOfPosition(node.getStart())
  return `${file.fileName.replace(/^.*\/actions\//, 'actions/')}:${line + 1}`
}

function compilerOptions(): ts.CompilerOptions {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  return { ...ts.parseJsonConfigFileContent(read.config, ts.sys, root).options, noEmit: true }
}
