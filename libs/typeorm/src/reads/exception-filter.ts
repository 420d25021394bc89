import { textKey, type ExceptionCondition, type ExceptionFilter, type FilterField } from '@redress/domain';
import { conditionsOf } from '@redress/domain/integrations';
import { typeOf } from '../entities/entity-schemas';
import { columnsOfField } from '../entities/mapping';
import { reasonKey } from '../unit-of-work/load-statements';
import { severity, status } from './ranks';
import type { Parameters } from './parameters';

export const overdue = `status <> 'RESOLVED' AND due_at < now()`;

/** Said of the resolved and of the others, since each of the two is found by an index of its own. */
const inEitherIndex = (condition: string): string =>
  `(${condition} AND status <> 'RESOLVED' OR ${condition} AND status = 'RESOLVED')`;

/** The column `amount_key` that a number would have; what has no amount has that of the number below all amounts. */
const amountKey = (value: string): string => `round(least(greatest(${value}, -1e20), 1e20) + 3e20, 4)::text`;
const noAmount = amountKey('-1e20');

/** What has to hold of an exception to be among those chosen. */
export function chosenExceptions(tenant: string, filter: ExceptionFilter, parameters: Parameters): string[] {
  return [
    `tenant_id = ${parameters.next(tenant, 'text')}`,
    ...conditionsOf(filter, new Date()).flatMap((condition) => sqlOf(condition, parameters)),
  ];
}

function sqlOf(condition: ExceptionCondition, parameters: Parameters): string[] {
  if ('overdue' in condition) return [condition.overdue ? overdue : `NOT (${overdue})`];
  if ('word' in condition) {
    const patterns = formsOf([condition.word.trim()]).map((word) =>
      parameters.next(`%${word.replace(/[\\%_]/g, '\\$&')}%`, 'text'),
    );
    const occurs = condition.fields.flatMap((field) =>
      patterns.map((pattern) => `${columnOf(field)} ILIKE ${pattern}`),
    );
    return [`(${occurs.join(' OR ')})`];
  }
  if ('min' in condition) return amounts('>=', condition.min, parameters);
  if ('max' in condition) return amounts('<=', condition.max, parameters);
  const column = columnOf(condition.field);
  if ('isSet' in condition) return [`${column} IS ${condition.isSet ? 'NOT ' : ''}NULL`];
  if ('from' in condition) return parameters.compared(column, '>=', condition.from, 'timestamptz');
  if ('before' in condition) return parameters.compared(column, '<', condition.before, 'timestamptz');
  return (indexed[condition.field] ?? plain)(condition.anyOf, parameters, column);
}

type AnyOf = (values: readonly string[], parameters: Parameters, column: string) => string[];

const plain: AnyOf = (values, parameters, column) =>
  parameters.anyOf(column, values, typeOf('exception', column));

/** Texts in both of the forms that Unicode has for the same letters; of ASCII there is one. */
const formsOf = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.flatMap((text) => [text, text.normalize('NFC'), text.normalize('NFD')])),
];

/** Fields whose indexes want the condition put in another way. */
const indexed: Partial<Record<FilterField, AnyOf>> = {
  status: (values, parameters) => [
    ...parameters.anyOf(status.rank, status.ranksOf(values), 'int4'),
    // Said twice, so that the planner sees that the index of unresolved ones will do.
    ...(values.includes('RESOLVED') ? [] : [`status <> 'RESOLVED'`]),
  ],
  severity: (values, parameters) => parameters.anyOf(severity.rank, severity.ranksOf(values), 'int4'),
  reason: (values, parameters) => parameters.anyOf(reasonKey, values.map(textKey)),
  source: (values, parameters) =>
    parameters.anyOf('lower(normalize(btrim(source), NFC))', values.map(textKey)),
  assignedTo: (values, parameters, column) => plain(formsOf(values), parameters, column),
  transactionId: (values, parameters, column) => plain(values, parameters, column).map(inEitherIndex),
};

// Said twice: by the key, which is indexed but takes in too much at its ends, and exactly.
function amounts(operator: '>=' | '<=', value: string, parameters: Parameters): string[] {
  const given = parameters.next(value, 'numeric');
  return [
    `amount_key > ${noAmount}`,
    `amount_key ${operator} ${amountKey(given)}`,
    `amount ${operator} ${given}`,
  ];
}

/** Of a field that is one column; that of `amount` is its number. */
const columnOf = (field: FilterField): string => columnsOfField(field)[0] ?? field;
