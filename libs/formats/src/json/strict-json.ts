import { isUtf8 } from 'node:buffer';
import { requestLimits, type JsonLimits } from './json-limits';
import { atEnd, isDigit, JsonScanner, minus, quote } from './json-scanner';
import type { JsonObject, JsonValue } from './json-value';
import { shortened } from '@redress/domain';

/** `problem` is a sentence for the sender; `path` names the member it is about, as in `adjustment.lines[2].amount`. */
export type StrictJson = { ok: true; value: JsonValue } | { ok: false; problem: string; path?: string };

/**
 * Parses one RFC 8259 value, refusing whatever two readers could understand differently: duplicate members,
 * invalid UTF-8, a byte order mark, lone surrogates. U+0000, deep nesting and names that reach an object's
 * prototype are refused too, and whatever is beyond the limits; lenient limits let pass half characters, U+0000 and depth.
 * Linear in the length of the body.
 */
export function parseStrictJson(bytes: Buffer, limits: JsonLimits = requestLimits): StrictJson {
  if (!isUtf8(bytes)) {
    return { ok: false, problem: 'The body is not valid UTF-8: send JSON encoded as UTF-8.' };
  }
  const text = bytes.toString('utf8');
  if (text.charCodeAt(0) === byteOrderMark) {
    return { ok: false, problem: 'The body starts with a byte order mark: send plain UTF-8 without one.' };
  }
  return new Reader(text, limits).document();
}

const byteOrderMark = 0xfeff;
const lineFeed = 0x0a;
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
  private values = 0;
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
    if (++this.values > this.limits.values) {
      this.refuse(`The body holds more than ${this.limits.values} values`, 'send fewer of them');
      return;
    }
    switch (code) {
      case quote:
        return this.string();
      case openBrace:
        return this.isTooDeep() ? this.skipped() : this.object();
      case openBracket:
        return this.isTooDeep() ? this.skipped() : this.array();
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
    for (let members = 1; ; members++) {
      if (this.peek() !== quote) {
        this.expected('a member name', 'write it in double quotes');
        return;
      }
      const start = this.at;
      const name = this.string();
      if (name === undefined) return undefined;
      if (members > this.limits.members) {
        this.refuse(`An object has more than ${this.limits.members} members`, 'send fewer of them', start);
        return;
      }
      if (name.length > this.limits.nameLength) {
        this.refuse(
          `A member name is longer than ${this.limits.nameLength} characters`,
          'use a shorter one',
          start,
        );
        this.within(name);
        return;
      }
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
      if (items.length === this.limits.items) {
        this.peek();
        this.refuse(`An array has more than ${this.limits.items} items`, 'send fewer of them');
        return;
      }
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

  private isTooDeep(): boolean {
    return this.limits.lenient === true && this.depth === this.limits.depth;
  }

  /** Passes over an object or array without recursion: only its strings and brackets are read. */
  private skipped(): null | undefined {
    for (let open = 0; ;) {
      const code = this.peek();
      if (code === quote) {
        if (this.string() === undefined) return undefined;
        continue;
      }
      if (code === atEnd) {
        this.expected('a closing bracket', 'close it');
        return undefined;
      }
      this.at++;
      if (code === openBrace || code === openBracket) open++;
      else if ((code === closeBrace || code === closeBracket) && --open === 0) return null;
    }
  }

  private enter(): boolean {
    if (this.depth === this.limits.depth) {
      this.refuse(`The body is nested more than ${this.limits.depth} levels deep`, 'flatten it');
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
    const { line, column } = placeOf(this.text, at);
    const path = shortened(this.trail.join('').replace(/^\./, ''), 120);
    const where = `line ${line}, column ${column}${path && ` (${path})`}`;
    return { ok: false, problem: `${what} at ${where}: ${advice}.`, ...(path && { path }) };
  }
}

function memberStep(name: string): string {
  return /^[\w$-]{1,40}$/.test(name) ? `.${name}` : `[${JSON.stringify(shortened(name, 40))}]`;
}

/** Lines and columns count from 1. A loop over the characters, since a body can be a million line breaks. */
function placeOf(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < at; i++) {
    if (text.charCodeAt(i) !== lineFeed) continue;
    line++;
    lineStart = i + 1;
  }
  return { line, column: at - lineStart + 1 };
}
