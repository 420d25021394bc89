import { JsonNumber } from './json-value';

export const atEnd = -1;
export const quote = 0x22;
export const minus = 0x2d;
const point = 0x2e;
const digit0 = 0x30;
const digit9 = 0x39;
const backslash = 0x5c;

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

/**
 * Reads what JSON has no parts in: strings, numbers, words. Every reading method returns undefined once a fault is noted:
 * a "no" costs no exception and no stack trace.
 */
export abstract class JsonScanner {
  protected at = 0;
  protected fault: { what: string; advice: string; at: number } | undefined;

  constructor(protected readonly text: string) {}

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
