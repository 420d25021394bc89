import type { JsonLimits } from './json-limits';
import { JsonNumber } from './json-value';

export const atEnd = -1;
export const quote = 0x22;
export const minus = 0x2d;
const point = 0x2e;
const digit0 = 0x30;
const digit9 = 0x39;
const backslash = 0x5c;
const letterU = 0x75;

/**
 * Reads what JSON has no parts in: strings, numbers, words. Every reading method returns undefined once a fault is noted:
 * a "no" costs no exception and no stack trace.
 */
export abstract class JsonScanner {
  protected at = 0;
  protected fault: { what: string; advice: string; at: number } | undefined;

  constructor(
    protected readonly text: string,
    protected readonly limits: JsonLimits,
  ) {}

  /** The next character that is not white space. */
  protected peek(): number {
    const text = this.text;
    while (this.at < text.length) {
      const code = text.charCodeAt(this.at);
      if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return code;
      this.at++;
    }
    return atEnd;
  }

  /** Without an escape, which is the usual case, a string is a slice of the body. */
  protected string(): string | undefined {
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

  /** Checks every escape up to the closing quote; JSON.parse, which is native, then decodes the whole string at once. */
  private escapedString(start: number, firstEscape: number): string | undefined {
    const text = this.text;
    let at = firstEscape;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.at = at + 1;
        return this.storable(JSON.parse(text.slice(start - 1, at + 1)) as string);
      }
      if (code < 0x20) {
        this.controlCharacter(at);
        return;
      }
      if (code === backslash) {
        const length = this.escapeLength(at);
        if (length === 0) return undefined;
        at += length;
      } else at++;
    }
    this.endsEarly();
  }

  /** What the limits let pass leniently has U+FFFD in its place. */
  private storable(text: string): string {
    return this.limits.lenient ? text.replace(/\0|\p{Surrogate}/gu, '\ufffd') : text;
  }

  /** Characters of the escape at this place: 2, 6, or 12 for a surrogate pair; 0 once it is refused. */
  private escapeLength(at: number): 0 | 2 | 6 | 12 {
    if (isSimpleEscape(this.text.charCodeAt(at + 1))) return 2;
    const unit = this.escapedUnit(at);
    if (unit < 0) {
      this.refuse('An escape is malformed', 'write \\n, \\", \\\\ or \\u with four hex digits', at);
      return 0;
    }
    if (unit === 0 && !this.limits.lenient) {
      this.refuse('A string holds U+0000', 'remove it, for it cannot be stored', at);
      return 0;
    }
    if (unit < 0xd800 || unit > 0xdfff) return 6;
    const low = this.escapedUnit(at + 6);
    if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) return 12;
    if (this.limits.lenient) return 6;
    this.refuse('A surrogate escape stands alone', 'send the pair, or the character itself', at);
    return 0;
  }

  /** The UTF-16 unit that `\uXXXX` stands for; -1 where there is no such escape. */
  private escapedUnit(at: number): number {
    const text = this.text;
    if (text.charCodeAt(at) !== backslash || text.charCodeAt(at + 1) !== letterU) return -1;
    let unit = 0;
    for (let digit = at + 2; digit < at + 6; digit++) {
      const value = hexDigit(text.charCodeAt(digit));
      if (value < 0) return -1;
      unit = unit * 16 + value;
    }
    return unit;
  }

  protected number(): JsonNumber | undefined {
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
    if (at - start > this.limits.numberLength) {
      this.refuse(`A number is longer than ${this.limits.numberLength} characters`, 'write it shorter');
      return;
    }
    this.at = at;
    return new JsonNumber(text.slice(start, at));
  }

  private afterDigits(at: number): number {
    while (isDigit(this.text.charCodeAt(at))) at++;
    return at;
  }

  protected literal<T extends boolean | null>(word: string, value: T): T | undefined {
    if (!this.text.startsWith(word, this.at)) {
      this.expected('a value', `write ${word} in full`);
      return;
    }
    this.at += word.length;
    return value;
  }

  protected expected(what: string, advice: string): undefined {
    if (this.at < this.text.length) this.refuse(`Expected ${what}`, advice);
    else this.endsEarly();
  }

  private endsEarly(): undefined {
    this.refuse('The body ends before the JSON does', 'send all of it', this.text.length);
  }

  private controlCharacter(at: number): undefined {
    this.refuse('A string holds a control character', 'write it as an escape such as \\n or \\t', at);
  }

  protected refuse(what: string, advice: string, at = this.at): undefined {
    this.fault = { what, advice, at };
  }
}

export function isDigit(code: number): boolean {
  return code >= digit0 && code <= digit9;
}

/** `"`, `\`, `/`, b, f, n, r or t, which stand alone behind a backslash. */
function isSimpleEscape(code: number): boolean {
  switch (code) {
    case quote:
    case backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true;
    default:
      return false;
  }
}

/** The value of a hexadecimal digit in either letter case; -1 for anything else, the end of the text included. */
function hexDigit(code: number): number {
  if (isDigit(code)) return code - digit0;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
