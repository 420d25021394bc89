import { isUtf8 } from 'node:buffer';

/** Objects and arrays may be nested this deep; one level more is refused. It also bounds the parser's recursion. */
export const maxDepth = 32;

/** A number exactly as the sender wrote it: `1`, `1.0` and `1e0` stay apart, and no digit is rounded away. */
export class JsonNumber {
  constructor(readonly lexeme: string) {}
}

export type JsonObject = { [name: string]: JsonValue };
export type JsonValue = string | boolean | null | JsonNumber | JsonValue[] | JsonObject;

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

/**
 * One text per parsed value: members sorted by UTF-16 code unit, arrays in order, numbers as they were written.
 * Different values never give the same text, so it can be fingerprinted.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.lexeme;
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join()}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`).join()}}`;
}

const byteOrderMark = 0xfeff;
const atEnd = -1;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const digit0 = 0x30;
const digit9 = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Assigning to one of these, here or in code that later merges the object, can reach a prototype. */
const reservedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Every reading method returns undefined once a fault is noted: a "no" costs no exception and no stack trace. */
class Reader {
  private at = 0;
  private depth = 0;
  private fault: { what: string; advice: string; at: number } | undefined;
  /** The way to the fault, collected while returning from it, so that a good body pays nothing for it. */
  private readonly trail: string[] = [];

  constructor(private readonly text: string) {}

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
        {
          this.expected('a value', 'write an object, array, string, number, true, false or null');
          return;
        }
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

  /** Without an escape, which is the usual case, a string is a slice of the body. */
  private string(): string | undefined {
    const text = this.text;
    const start = this.at + 1;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (code === backslash) return this.escapedString(start, at);
      if (code < 0x20) {
        this.controlCharacter(at);
        return;
      }
    }
    this.endsEarly();
  }

  private escapedString(start: number, firstEscape: number): string | undefined {
    const text = this.text;
    let value = '';
    let plain = start;
    let at = firstEscape;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.at = at + 1;
        return value + text.slice(plain, at);
      }
      if (code < 0x20) {
        this.controlCharacter(at);
        return;
      }
      if (code !== backslash) {
        at++;
        continue;
      }
      value += text.slice(plain, at);
      const simple = escapes[text.charAt(at + 1)];
      const character = simple ?? this.unicodeEscape(at);
      if (character === undefined) return undefined;
      value += character;
      at += simple !== undefined ? 2 : 6 * character.length;
      plain = at;
    }
    this.endsEarly();
  }

  /** One `\uXXXX`, or two of them where they make a surrogate pair. */
  private unicodeEscape(at: number): string | undefined {
    const unit = this.escapedUnit(at);
    if (unit === undefined) {
      this.refuse('An escape is malformed', 'write \\n, \\", \\\\ or \\u with four hex digits', at);
      return;
    }
    if (unit === 0) {
      this.refuse('A string holds U+0000', 'remove it, for it cannot be stored', at);
      return;
    }
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const low = this.escapedUnit(at + 6);
    if (unit > 0xdbff || low === undefined || low < 0xdc00 || low > 0xdfff) {
      this.refuse('A surrogate escape stands alone', 'send the pair, or the character itself', at);
      return;
    }
    return String.fromCharCode(unit, low);
  }

  private escapedUnit(at: number): number | undefined {
    const digits = this.text.slice(at + 2, at + 6);
    return this.text.startsWith('\\u', at) && /^[0-9a-f]{4}$/i.test(digits)
      ? parseInt(digits, 16)
      : undefined;
  }

  private number(): JsonNumber | undefined {
    const text = this.text;
    const start = this.at;
    let at = text.charCodeAt(start) === minus ? start + 1 : start;
    const whole = at;
    at = this.afterDigits(at);
    let wellFormed = at > whole && (at === whole + 1 || text.charCodeAt(whole) !== digit0);
    if (text.charCodeAt(at) === point) {
      const fraction = at + 1;
      at = this.afterDigits(fraction);
      wellFormed &&= at > fraction;
    }
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      const sign = text.charAt(at + 1);
      const exponent = sign === '+' || sign === '-' ? at + 2 : at + 1;
      at = this.afterDigits(exponent);
      wellFormed &&= at > exponent;
    }
    if (!wellFormed) {
      this.refuse('A number is malformed', 'write it like 12, -0.5 or 1e3');
      return;
    }
    this.at = at;
    return new JsonNumber(text.slice(start, at));
  }

  private afterDigits(at: number): number {
    while (isDigit(this.text.charCodeAt(at))) at++;
    return at;
  }

  private literal<T extends boolean | null>(word: string, value: T): T | undefined {
    if (!this.text.startsWith(word, this.at)) {
      this.expected('a value', `write ${word} in full`);
      return;
    }
    this.at += word.length;
    return value;
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

  /** The next character that is not white space. */
  private peek(): number {
    const text = this.text;
    while (this.at < text.length) {
      const code = text.charCodeAt(this.at);
      if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return code;
      this.at++;
    }
    return atEnd;
  }

  private expected(what: string, advice: string): undefined {
    if (this.at < this.text.length) this.refuse(`Expected ${what}`, advice);
    else this.endsEarly();
  }

  private endsEarly(): undefined {
    this.refuse('The body ends before the JSON does', 'send all of it', this.text.length);
  }

  private controlCharacter(at: number): undefined {
    this.refuse('A string holds a control character', 'write it as an escape such as \\n or \\t', at);
  }

  private refuse(what: string, advice: string, at = this.at): undefined {
    this.fault = { what, advice, at };
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

function isDigit(code: number): boolean {
  return code >= digit0 && code <= digit9;
}

function memberStep(name: string): string {
  return /^[\w$-]{1,40}$/.test(name) ? `.${name}` : `[${JSON.stringify(shortened(name, 40))}]`;
}

/** An answer never hands a large piece of the body back. */
function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
