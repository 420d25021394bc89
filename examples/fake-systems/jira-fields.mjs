/** The projects of the fake Jira, by key. */
export const projects = {
  OPS: { id: '10000', name: 'Operations', components: ['Payments', 'Cards'] },
  FIN: { id: '10001', name: 'Finance', components: [] },
};
export const issueTypes = ['Task', 'Bug'];
export const priorities = ['Highest', 'High', 'Medium', 'Low', 'Lowest'];

const longestText = 32_767;
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value, known) => isObject(value) && known.includes(value.name);

/** What Jira would say of each field of a new issue: a rule answers undefined when it is content. */
const rules = {
  project: (value) =>
    isObject(value) && Object.hasOwn(projects, value.key ?? '') ? undefined : 'valid project is required',
  issuetype: (value) => (isName(value, issueTypes) ? undefined : 'Specify a valid issue type'),
  summary: (value) => {
    if (typeof value !== 'string' || value.trim() === '') return 'You must specify a summary of the issue.';
    if (/[\r\n]/.test(value)) return 'The summary is invalid because it contains newline characters.';
    return value.length > 255 ? "Summary can't exceed 255 characters." : undefined;
  },
  description: documentProblem,
  labels: (value) => {
    if (!Array.isArray(value) || value.some((label) => typeof label !== 'string'))
      return 'Field must be a list.';
    const spaced = value.find((label) => /\s/.test(label));
    return spaced === undefined ? undefined : `The label '${spaced}' contains spaces which is invalid.`;
  },
  priority: (value) => (isName(value, priorities) ? undefined : 'Specify a valid value for priority'),
  duedate: (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'Error parsing date string',
  components: (value, { project }) => {
    if (!Array.isArray(value) || !value.every(isObject)) return 'data was not an array of objects';
    const known = projects[project?.key]?.components ?? [];
    return value.every((each) => known.includes(each.name)) ? undefined : 'Component name is not valid';
  },
};
const required = ['project', 'issuetype', 'summary'];

/** Field → what is wrong with it; empty when the issue can be created. */
export function fieldErrors(fields, { lacking, demanding }) {
  const names = new Set([...required, ...demanding, ...Object.keys(fields)]);
  const problems = [...names].map((name) => {
    if (demanding.includes(name))
      return [name, [undefined, null].includes(fields[name]) ? `${labelOf(name)} is required.` : undefined];
    return [
      name,
      Object.hasOwn(rules, name) && !lacking.includes(name)
        ? rules[name](fields[name], fields)
        : `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`,
    ];
  });
  return Object.fromEntries(problems.filter(([, problem]) => problem !== undefined));
}

const labelOf = (name) => `Field ${name.replace(/\D/g, '')}`;

/** The fields of a create screen, as the create metadata lists them. */
export const screenOf = ({ lacking, demanding }) => [
  ...Object.keys(rules)
    .filter((name) => !lacking.includes(name))
    .map((name) => ({
      fieldId: name,
      key: name,
      name,
      required: required.includes(name),
      hasDefaultValue: false,
      ...(name === 'priority' && { allowedValues: priorities.map((each) => ({ name: each })) }),
    })),
  ...demanding.map((name) => ({
    ...{ fieldId: name, key: name, name: labelOf(name), required: true, hasDefaultValue: false },
  })),
];

/** The Atlassian Document Format, as much of it as the fake takes. */
export function documentProblem(value) {
  const invalid = 'Operation value must be an Atlassian Document (see the Atlassian Document Format)';
  if (!isObject(value) || value.type !== 'doc' || value.version !== 1 || !Array.isArray(value.content))
    return invalid;
  if (!value.content.every(isParagraph)) return invalid;
  return JSON.stringify(value).length > longestText
    ? 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.'
    : undefined;
}

const isParagraph = (node) =>
  isObject(node) && node.type === 'paragraph' && Array.isArray(node.content) && node.content.every(isInline);

function isInline(node) {
  if (!isObject(node)) return false;
  if (node.type === 'hardBreak') return Object.keys(node).length === 1;
  const isText = node.type === 'text' && typeof node.text === 'string' && node.text !== '';
  return isText && !/[\u0000-\u001f]/.test(node.text) && (node.marks ?? []).every(isLink);
}

const isLink = (mark) => isObject(mark) && mark.type === 'link' && typeof mark.attrs?.href === 'string';

/** What a document says, a line for each paragraph. */
export const textOfDocument = (document) =>
  (document?.content ?? [])
    .map((block) => block.content.map((node) => (node.type === 'hardBreak' ? '\n' : node.text)).join(''))
    .join('\n');

export const propertiesProblem = (value = []) =>
  Array.isArray(value) && value.every((each) => typeof each?.key === 'string' && each.value !== undefined)
    ? undefined
    : 'properties must be a list of keys and values';
