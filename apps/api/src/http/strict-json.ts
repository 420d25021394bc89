import { isUtf8 } from 'node:buffer';
import { atEnd, isDigit, JsonScanner, minus, quote } from './json-scanner';
import type { JsonObject, JsonValue } from './json-value';

export { canonicalJson, JsonNumber, type JsonObject, type JsonValue } from './json-value';

/** Objects and arrays may be nested this deep; one level more is refused. It also bounds the parser's recursion. */
export const maxDepth = 32;

/** `problem` is a sentence for the sender; `path` names the member it is about, as in `adjustment.lines[2].amount`. */
export type StrictJson = { ok: true; value: JsonValue } | { ok: false; problem: string; path?: string };

/**
 * Parses one RFC 8259 value, refusing whatever two readers could understand differently: duplicate members,
 * invalid UTF-8, a byte order mark, lone surrogates. U+0000, deep nesting and names that reach an object's
 * prototype are refused too. Linear in the length of the body.
 */
export function parseStrictJson(bytes: Buffer): StrictJson {
  if (!isUtf8(bytes)) {
    return { ok: false, problem: 'The body is not valid UTF-8: send JSON encoded as UTF-8.' };
  }
  const text = bytes.toString('utf8');
  if (text.charCodeAt(0) === byteOrderMark) {
    return { ok: false, problem: 'The body starts with a byte order mark: send plain UTF-8 without one.' };
  }
  return new Reader(text).document();
}

const byteOrderMark = 0xfeff;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Assigning to one of these, here or in code that later merges the object, can reach a prototype. */
const reservedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads what has parts, and finds the way to a fault. */
class Reader extends JsonScanner {
  private depth = 0;
  /** The way to the fault, collected while returning from it, so that a good body pays nothing for it. */
  private readonly trail: string[] = [];

  document(): StrictJson {
    if (this.peek() === atEnd) return { ok: false, problem: 'The body is empty: send a JSON value.' };
    const value = this.value();
    if (value !== undefined && this.peek() === atEnd) return { ok: true, value };
    if (value !== undefined) this.refuse('The JSON value is followed by more text', 'send exactly one value');
    return this.refusal();
  }

  private value(): JsonValue | undefined {
    const code = this.peek();
    switch (code) {
      case quote:
        return this.string();
      case openBrace:
        return this.object();
      case openBracket:
        return this.array();
      case 0x74:
        return this.literal('true', true);
      case 0x66:
        return this.literal('false', false);
      case 0x6e:
        return this.literal('null', null);
      default:
        if (code === minus || isDigit(code)) return this.number();
        this.expected('a value', 'write an object, array, string, number, true, false or null');
        return;
    }
  }

  private object(): JsonObject | undefined {
    if (!this.enter()) return undefined;
    const object: JsonObject = {};
    if (this.peek() === closeBrace) return this.leave(object);
    for (;;) {
      if (this.peek() !== quote) {
        this.expected('a member name', 'write it in double quotes');
        return;
      }
      const start = this.at;
      const name = this.string();
      if (name === undefined) return undefined;
      if (reservedNames.has(name)) {
        this.refuse('The member name is reserved', 'use another name', start);
        this.within(name);
        return;
      }
      // The plain look-up answers nearly always; only inherited names such as toString need the exact question.
      if (object[name] !== undefined && Object.hasOwn(object, name)) {
        this.refuse('The member is given twice', 'send each member once', start);
        this.within(name);
        return;
      }
      if (this.peek() !== colon) {
        this.expected('a colon', 'put one between the name and its value');
        return;
      }
      this.at++;
      const value = this.value();
      if (value === undefined) {
        this.within(name);
        return;
      }
      object[name] = value;
      const next = this.peek();
      if (next === closeBrace) return this.leave(object);
      if (next !== comma) {
        this.expected('a comma or }', 'separate members with one comma');
        return;
      }
      this.at++;
    }
  }

  private array(): JsonValue[] | undefined {
    if (!this.enter()) return undefined;
    const items: JsonValue[] = [];
    if (this.peek() === closeBracket) return this.leave(items);
    for (;;) {
      const value = this.value();
      if (value === undefined) {
        this.within(items.length);
        return;
      }
      items.push(value);
      const next = this.peek();
      if (next === closeBracket) return this.leave(items);
      if (next !== comma) {
        this.expected('a comma or ]', 'separate items with one comma');
        return;
      }
      this.at++;
    }
  }

  private enter(): boolean {
    if (this.depth === maxDepth) {
      this.refuse(`The body is nested more than ${maxDepth} levels deep`, 'flatten it');
      return false;
    }
    this.depth++;
    this.at++;
    return true;
  }

  private leave<T extends JsonValue>(container: T): T {
    this.depth--;
    this.at++;
    return container;
  }

  private within(step: string | number): undefined {
    this.trail.unshift(typeof step === 'number' ? `[${step}]` : memberStep(step));
  }

  private refusal(): StrictJson {
    const { what, advice, at } = this.fault ?? {
      what: 'The body is no JSON',
      advice: 'check it',
      at: this.at,
    };
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    const path = shortened(this.trail.join('').replace(/^\./, ''), 120);
    const where = `line ${line}, column ${column}${path && ` (${path})`}`;
    return { ok: false, problem: `${what} at ${where}: ${advice}.`, ...(path && { path }) };
  }
}

function memberStep(name: string): string {
  return /^[\w$-]{1,40}$/.test(name) ? `.${name}` : `[${JSON.stringify(shortened(name, 40))}]`;
}

/** An answer never hands a large piece of the body back. */
function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
