/*
 * @redress/formats: what clients send and fetch, as bytes. Strict JSON with exact numbers, reports and edits in NDJSON and
 * CSV, CSV whose cells no spreadsheet takes for a formula, and the keys and fingerprints of idempotent requests.
 */

export { lineLimits, maxDepth, messageLimits, requestLimits, type JsonLimits } from './json/json-limits';
export {
  canonicalJson,
  givenMembers,
  isJsonObject,
  isNotGiven,
  JsonNumber,
  plainJson,
  type JsonObject,
  type JsonValue,
} from './json/json-value';
export { messageReader } from './json/message-reader';
export { parseStrictJson, type StrictJson } from './json/strict-json';
export {
  canonicalQuery,
  fingerprintOf,
  scopeOf,
  type KeyScope,
  type RequestContent,
} from './idempotency/fingerprint';
export { maxKeyLength, readIdempotencyKey, type IdempotencyKey } from './idempotency/idempotency-key';
export { EventLoopTurn } from './lines/event-loop-turn';
export { WrongFile } from './lines/file-chunks';
export { byteOrderMark, csvRecord, neutralCell, originalText } from './csv/csv-cell';
export { csvLines, ndjsonLines } from './reports/report-lines';
export { editLines } from './reports/edit-lines';
export {
  differencesOf,
  isRecord,
  readReport,
  validateDifferences,
  validateMetadata,
} from './reports/report-reader';
export {
  decimal,
  lexemeOf,
  maxLexeme,
  validateAmount,
  validateChoice,
  validateCurrency,
  validateTextValue,
  validateTime,
  validateUuid,
} from './reports/value-checks';
