import { existsSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './repository.ts'

/**
 * The sources that become one bundle: everything below actions/ that its entry reaches by imports. Type imports do not
 * count, nor what others wrote.
 */
export function actionSources(action: string): readonly ts.SourceFile[] {
  const found = new Map<string, ts.SourceFile>()
  const visit = (path: string): void => {
    if (found.has(path) || !existsSync(path)) return
    const file = ts.createSourceFile(path, ts.sys.readFile(path) ?? '', ts.ScriptTarget.ES2024, true)
    found.set(path, file)
    for (const specifier of valueImports(file)) visit(join(path, '..', specifier))
  }
  visit(join(root, 'actions', action, 'index.ts'))
  return [...found.values()]
}

function valueImports(file: ts.SourceFile): readonly string[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    if (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
      return []
    const specifier = statement.moduleSpecifier
    return specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith('.')
      ? [specifier.text]
      : []
  })
}

/** Every node of these files, outer before inner. */
export function* nodesOf(files: readonly ts.SourceFile[]): Generator<ts.Node> {
  const stack: ts.Node[] = [...files].reverse()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    const children: ts.Node[] = []
    ts.forEachChild(node, (child) => {
      children.push(child)
    })
    stack.push(...children.reverse())
  }
}

const readerMethods = ['text', 'secret', 'lines', 'flag', 'choice']

/**
 * Names of the inputs that these sources read: the first argument of the input reader's methods, and what stands behind
 * the reader in a call that hands both on, as in `duration(reader, 'timeout', …)`.
 */
export function inputsRead(files: readonly ts.SourceFile[]): readonly string[] {
  const names = new Set<string>()
  for (const node of nodesOf(files)) {
    if (!ts.isCallExpression(node)) continue
    const [first, second] = node.arguments
    if (first?.getText() === 'reader' && second !== undefined && ts.isStringLiteral(second)) names.add(second.text)
    if (!ts.isPropertyAccessExpression(node.expression)) continue
    if (!readerMethods.includes(node.expression.name.text) || first === undefined || !ts.isStringLiteral(first))
      continue
    if (/reader|inputs?$/i.test(node.expression.expression.getText())) names.add(first.text)
  }
  return [...names].sort()
}

/**
 * Names of the outputs that these sources set: `core.setOutput('name', …)`, the properties beside a spread of
 * `outputs`, and those of every object literal that is given as `outputs` or returned by a function of that name.
 */
export function outputsSet(files: readonly ts.SourceFile[]): readonly string[] {
  const names = new Set<string>()
  for (const node of nodesOf(files)) {
    if (ts.isObjectLiteralExpression(node) && (spreadsOutputs(node) || isOutputs(node.parent))) {
      for (const property of node.properties) if (property.name !== undefined) names.add(nameOf(property.name))
    }
  }
  return [...names].sort()
}

function spreadsOutputs(literal: ts.ObjectLiteralExpression): boolean {
  return literal.properties.some((each) => ts.isSpreadAssignment(each) && /\boutputs$/.test(each.expression.getText()))
}

/** Whether what stands here becomes `outputs`, through conditions, spreads, parentheses and returns. */
function isOutputs(node: ts.Node): boolean {
  if (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) return node.name.getText() === 'outputs'
  if (ts.isFunctionDeclaration(node)) return /^outputs(?:Of)?$|Outputs$/.test(node.name?.text ?? '')
  const passes =
    ts.isConditionalExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isSpreadAssignment(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isReturnStatement(node) ||
    ts.isIfStatement(node) ||
    ts.isBlock(node) ||
    ts.isSatisfiesExpression(node)
  return passes && isOutputs(node.parent)
}

function nameOf(name: ts.PropertyName): string {
  return ts.isStringLiteral(name) || ts.isIdentifier(name) ? name.text : name.getText()
}
