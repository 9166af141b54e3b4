import { Session } from 'node:inspector';

interface RemoteObject {
  readonly type: string;
  readonly objectId?: string;
  readonly value?: unknown;
}

interface Property {
  readonly name: string;
  readonly value?: RemoteObject;
}

interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
  readonly privateProperties?: readonly Property[];
}

/** More objects than a small store has: the walk has left it. */
const MOST_OBJECTS = 20_000;

/**
 * Whether a text can be reached from an object: by its properties, private ones too, and by entries of maps and sets, but not through
 * functions. It is what a debugger sees, so nothing depends on when garbage is collected.
 */
export function isReachable(text: string, root: object): boolean {
  const session = new Session();
  session.connect();
  const holder = globalThis as { walked?: { seen: Set<object>; root: object } | undefined };
  holder.walked = { seen: new Set([globalThis]), root };
  try {
    return find(session, text);
  } finally {
    holder.walked = undefined;
    session.disconnect();
  }
}

function find(session: Session, text: string): boolean {
  const { result } = ask<{ result: RemoteObject }>(session, 'Runtime.evaluate', {
    expression: 'walked.root',
  });
  const left: RemoteObject[] = [result];
  let walked = 0;
  for (let object = left.pop(); object !== undefined; object = left.pop()) {
    if (object.value === text) return true;
    if (object.type !== 'object' || object.objectId === undefined) continue;
    if (!isNew(session, object)) continue;
    walked += 1;
    if (walked > MOST_OBJECTS) throw new Error(`more than ${MOST_OBJECTS} objects can be reached`);
    const found = ask<Properties>(session, 'Runtime.getProperties', {
      objectId: object.objectId,
      ownProperties: true,
    });
    const all = [found.result, found.internalProperties ?? [], found.privateProperties ?? []].flat();
    for (const { name, value } of all) if (value !== undefined && !isCommon(name)) left.push(value);
  }
  return false;
}

/** What all objects of a kind share holds nothing of one of them. */
const isCommon = (name: string): boolean =>
  ['__proto__', 'constructor', 'prototype', '[[Prototype]]', '[[FunctionLocation]]'].includes(name);

function isNew(session: Session, { objectId }: RemoteObject): boolean {
  const { result } = ask<{ result: RemoteObject }>(session, 'Runtime.callFunctionOn', {
    objectId,
    functionDeclaration:
      'function () { const { seen } = walked, n = seen.size; seen.add(this); return seen.size > n; }',
  });
  return result.value === true;
}

/** Of this thread, so that the answer is there when it returns. */
function ask<Answer>(session: Session, method: string, parameters: object): Answer {
  let answer: unknown;
  session.post(method, parameters, (error, given) => {
    if (error !== null) throw new Error(`${method} ${JSON.stringify(parameters)}`, { cause: error });
    answer = given;
  });
  return answer as Answer;
}
