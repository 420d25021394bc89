import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { failures } from '../../apps/api/src/problems/problem';
import { printed, root, tool } from './support/command';
import { installOffline, packLibrary, temporaryFolder } from './support/packed-library';
import { complaintsAbout } from './support/published-package';
import { problemsOf, programOf } from './support/strict-types';

const folder = temporaryFolder();
const consumer = path.join(folder.path, 'consumer');
const installed = path.join(consumer, 'node_modules/@redress/domain');
const entryPoints = [
  '@redress/domain',
  '@redress/domain/integrations',
  '@redress/domain/actions',
  '@redress/domain/bulk',
  '@redress/domain/settings',
  '@redress/domain/in-memory',
  '@redress/domain/testing',
] as const;
const words = (text: string): string[] => text.trim().split(/\s+/);

/** The exports of the entry points. Removing a name from this list breaks the code of its users. */
const published: Record<(typeof entryPoints)[number], { values: string[]; types: string[] }> = {
  '@redress/domain': {
    values: words(`
      AdjustmentDesk ApprovalReads CommentDesk DisputeDesk
      ExceptionDesk Reads
      activeDisputeStates addComment addressees adjustmentSortKeys ageLimits
      attemptOutcomes awaitsApprovalOf callbackStatuses commands commandsFrom
      commentEvents currencies decide decideAll decideComment decideDispute
      defaultPolicy directions dispatchEvents dispatchKinds dispatchLifecycle dispatchSortKeys dispatchStates
      dispatchTargets disputeCategories disputeEvents disputeLifecycle disputeSortKeys
      exceptionEvents exceptionFields exceptionLifecycle exceptionSortKeys explain fieldChanges
      fromMinorUnits isActive isProvisional isTerminal isUuid laterBy limits
      maxIntegerDigits maxNames messageFor minorDigits minorUnits money needsApproval nextStatuses
      noFacts ok openDispute parseTimestamp plainLine plainText proposedCommands raise
      receive recordSighting refuse replyCodecOf resolutionTypes reverse runOnce settle severities
      shortened sortOrders statuses textKey timestamp validateRaise
      validateText waits`),
    types: words(`
      AcceptedReasons ActiveDisputes Addressee AdjustEntry Adjustment AdjustmentCheck AdjustmentFilter
      AdjustmentPage AdjustmentSortKey AdjustmentStore AdjustmentTotal Approvable Approval ApprovalFilter
      ApprovalPolicy ApprovalRule ApprovalRules ApprovalTerms ApprovedProposal Asker BackgroundJobs BookedEntry
      Callback CallbackStatus Change CommandMeta CommandWithFields Comment CommentChange CommentCommand
      CommentEvent CommentEventType CommentFacts CommentStore Context Counterpart DeadlineJobs DeskReads DeskStore Difference
      Direction Dispatch DispatchAttempt DispatchChange DispatchCommand DispatchCommandType DispatchEventType
      DispatchFilter DispatchKind DispatchSortKey DispatchState DispatchStore DispatchTarget DispatchTargets
      DispatchWithException Dispute DisputeCategory DisputeChange DisputeCommand DisputeCommandType DisputeEvent
      DisputeEventType DisputeFilter DisputeOpening DisputeSortKey DisputeState DisputeStore DualControl
      Evidence ExceptionChange ExceptionCommand ExceptionCommandType ExceptionCondition ExceptionEvent
      ExceptionEventType ExceptionFacts ExceptionFilter ExceptionSortKey ExceptionStatus ExceptionStore
      ExceptionSummary ExternalSystems ExternalSystemsFactory ExternalSystemsHost ExternalTicket FieldChanges
      FieldKind FilterField ForceMatch ForcedMatch Handled HistoryEvent HistoryLine HistoryPage Identity Job JobHandler
      JobHandlers JobLog JobOptions Json Judged Later Lifecycle ListedAdjustment ListedDispatch ListedDispute
      LoadedAdjustment LoadedDispatch LoadedDispute LoadedException LookupPolicies LookupPolicy LookupResult
      Message Money Order Page PageRequest Policy Ports Position Posting PostingSubject Proposal ProposedRequest
      ProposedReversal Raise ReasonCode ReasonCodes ReasonLists ReasonedCommand ReconException Refusal
      RefusalCode Reply ReplyCodec ReplyStore Report Residual ResidualTolerance ResolutionType Resolve
      ResolvingCommand Result Reversal ReversalOutcome ReverseAdjustment Reversible SendResult Session
      SettingPorts SettingTransaction SettingVersion Severity SeverityRule SortOrder TicketSubject Timestamp
      Transaction UnitOfWork Wait`),
  },
  '@redress/domain/integrations': {
    values: words(`
      ConnectionChanges ConnectionDesk Deadlines DispatchDesk EndpointReads InboundDesk InboundReads RateLimiter
      RequestLimits WebhookEndpointDesk attemptDelaysMs changeEndpoint conditionsOf connectionEvents
      connectionSecretOwner connectionTargets decideAttempt decideDelivery decideInbound decideOutcome
      defaultLookupPolicies deliveryLifecycle deliveryStates disableEndpoint dispatcher dueAt encryptedReplies
      endpointRefusals endpointStates eventDescriptions eventTypes everyType headStartMs inboundOutcomes
      isEndpointTrouble jobPriority leaseMs ledgerRefusal maxEndpoints maxReplay newDelivery nextAttemptAt
      openEndpoint problemLength removeEndpoint replacedSecret signingSecrets takeTokens tenantShare timeOfUuid
      timeOrderedIds validSecrets`),
    types: words(`
      AllDeliveriesFilter AttemptDecision AttemptReport Attempted Blocked Ciphertext Claimed Claiming
      ConnectionChange ConnectionEvent ConnectionPorts ConnectionReads ConnectionRequest ConnectionSecrets
      ConnectionSettings ConnectionStore ConnectionTarget ConnectionTransaction ConnectorCatalog ConnectorRules
      ConnectorSecrets DeadlinesOptions Delivery DeliveryAttempt DeliveryCommand DeliveryCommandType
      DeliveryEndpoint DeliveryFilter DeliveryState DeliveryStore DispatchEvent EncryptedSecrets EndpointAnswer
      EndpointChange EndpointContext EndpointPatch EndpointPorts EndpointSecrets EndpointState
      EndpointTransaction EventType IdSource InboundConnections InboundConnector InboundDecision InboundDelivery
      InboundFilter InboundMatch InboundMessage InboundOutcome InboundPorts InboundQuery InboundStore
      InboundTransaction IssuedEndpoint IssuedSecrets KnownTicket Lane LedgerControl LimitLeft Limited
      ListedDelivery ListedMessage NamedLimit NewEndpoint NextState OperatorAnswer ParsedMessage PutConnection
      PutConnectionChange PutOutcome RateLimit Received ReplacedSecret Replayed RequestKind RequestLimitSettings
      RequestVerdict SecretGenerator SecretOwner SecretsAfterPut SecretsOfPut StoredConnection Taken
      TicketTarget TicketUpdate TokenBucket Vault
      VerifiedDelivery WebhookEndpoint Work`),
  },
  '@redress/domain/actions': {
    values: words(`
      adjustmentRefusals allowedActions allowedDisputeActions commentRefusals dispatchRefusals disputeRefusals
      exceptionRefusals isSamePerson maxActorLength mayNotApprove proposalRefusals readActor reservedActors`),
    types: words(`
      AllowedAction AllowedActions AllowedDisputeActions DisputeAction ExceptionAction ProposalDecision RefusalTable`),
  },
  '@redress/domain/bulk': {
    values: words(`
      EditDesk ImportDesk editableColumns exportColumns maxBatchBytes maxListed readAmountCell readEdit`),
    types: words(`
      EditFailure EditLine EditReport EditedCells ExportColumn ImportReport Rejection ReportLine`),
  },
  '@redress/domain/settings': {
    values: words(`
      ApprovalPolicyDesk ApprovalPolicyReads ReasonCodesDesk ReasonCodesReads SettingDesk SettingReads
      acceptedReasons approvableCommands approvalRulesProblem barredFromApproval changePolicy dualControlProblem
      isAtLeastAsStrict maxApprovalRules maxApprovers maxReasonCodes reasonCodesProblem reasonedCommands
      underDualControl validateApprovalRules validateApprovalTerms validateReasonCodes`),
    types: words(`
      ControlledRequest ControlledTerms`),
  },
  '@redress/domain/in-memory': {
    values: words(`
      InMemoryApprovalReads InMemoryConnections InMemoryDatabase InMemoryDeliveries InMemoryEndpointReads
      InMemoryEndpointUnitOfWork InMemoryInbound InMemoryInboundReads InMemoryJobs InMemoryReads
      InMemorySettingReads InMemorySettingUnitOfWork InMemoryUnitOfWork inMemoryStore`),
    types: words(`
      InMemoryJobsOptions InMemoryReadOptions InMemoryStore InMemoryStoreOptions Repeat SettingName StoredMessages
      Tables`),
  },
  '@redress/domain/testing': {
    values: words(`
      aCallback aComment aContext aDispatch aDispute aReport anException connectionContract fixedClock
      inEveryDisputeState inEveryStatus inboundContract jobContract moneyCorpus now readContract sampleCommands
      sequentialIds settingContract storageContract toMermaid unreachable webhookContract`),
    types: words(`
      ConnectionHarness ContractCase InboundHarness JobHarness MoneyCase MoneyRefusal ReadHarness Samples
      SettingHarness SettingStores StorageHarness WebhookHarness`),
  },
};

/**
 * The codes of refusals are the titles of errors in the API document, where the diff shows a new one; removing one breaks the
 * code of its users. `invalid_value` is answered as `invalid_request`.
 */
const titles = new Set(['invalid_value']);
JSON.parse(readFileSync(path.join(root, 'libs/client/openapi.json'), 'utf8'), (key, value) => {
  if (key === 'title') for (const title of value.enum ?? []) titles.add(title);
  return value;
});
const refusalCodes = [...titles].filter((title) => !Object.hasOwn(failures, title)).sort();

let tarball: string;

beforeAll(async () => {
  tarball = await packLibrary(folder.path);
  mkdirSync(consumer);
  write('package.json', JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }));
  await installOffline(tarball, consumer);
}, 60_000);
afterAll(() => folder.remove());

const write = (file: string, text: string): void => writeFileSync(path.join(consumer, file), text);
const run = (file: string): Promise<string> => printed(process.execPath, [file], consumer);
const required = (imports: string): string =>
  imports.replace(/import (\{.*\}) from ('.*');/g, 'const $1 = require($2);');
const sorted = (names: Iterable<string>): string[] => [...names].sort();

describe('the packed library', () => {
  it('is all that is installed', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
      expect(Object.keys(manifest[kind] ?? {})).toEqual([]);
    }
    expect(readdirSync(path.join(consumer, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      '@redress',
    ]);
    expect(readdirSync(path.join(consumer, 'node_modules/@redress'))).toEqual(['domain']);
  });

  it('has nothing in it but what was built, and what tells about it', () => {
    expect(sorted(readdirSync(installed))).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
    const built = readdirSync(path.join(installed, 'dist'), { recursive: true, withFileTypes: true });
    const others = built.filter((file) => file.isFile() && !/\.(d\.)?[cm](js|ts)$/.test(file.name));
    expect(others).toEqual([]);
  });

  it('is published without complaints of publint and attw', async () => {
    expect(await complaintsAbout(tarball, consumer)).toEqual([]);
  }, 30_000);
});

describe('the example of its README', () => {
  const readme = readFileSync(path.join(root, 'libs/domain/README.md'), 'utf8');
  const fence = (name: string): string => new RegExp(`\`\`\`${name}\\n([^]*?)\`\`\``).exec(readme)![1]!;
  const example = fence('ts runnable');
  const imports = /^import .*;\n/gm;
  const asModule = [...example.matchAll(imports)].join('');
  const body = `async function main() {\n${example.replace(imports, '')}}\nvoid main();\n`;

  it('has twenty lines', () => {
    expect(example.split('\n').filter((line) => line.trim()).length).toBeLessThanOrEqual(20);
  });

  it('prints what the README says when it is imported', async () => {
    write('example.mjs', example);
    expect(await run('example.mjs')).toBe(fence('text printed'));
  });

  it('prints the same when it is required', async () => {
    write('example.cjs', required(asModule) + body);
    expect(await run('example.cjs')).toBe(fence('text printed'));
  });

  it('compiles under the strictest settings, as ESM and as CommonJS', () => {
    write('example.mts', example);
    write('example.cts', asModule + body);
    expect(problemsOf(programOf(consumer, ['example.mts', 'example.cts'], { types: ['node'] }))).toEqual([]);
  });
});

describe('the testing kit', () => {
  const imports = [
    `import { test } from 'node:test';`,
    `import { randomUUID } from 'node:crypto';`,
    `import { InMemoryUnitOfWork } from '@redress/domain/in-memory';`,
    `import { storageContract } from '@redress/domain/testing';`,
  ].join('\n');
  const usage = `
    const make = async () => {
      const uow = new InMemoryUnitOfWork();
      const historyOf = async (tenant, id) => uow.history(tenant, id);
      const adjustmentsOf = async (tenant, id) => uow.adjustments(tenant, id);
      const forcedMatchesOf = async (tenant, id) => uow.forcedMatches(tenant, id);
      const attemptsOf = async (tenant, id) => uow.attempts(tenant, id);
      const reading = { historyOf, adjustmentsOf, forcedMatchesOf, attemptsOf };
      const approveUnder = async (tenant, policy) => uow.approveUnder(tenant, policy);
      const takeReasons = async (tenant, codes) => uow.takeReasons(tenant, codes);
      const keepBooksElsewhere = async (tenant) => uow.keepBooksElsewhere(tenant);
      return { uow, newId: randomUUID, ...reading, approveUnder, takeReasons, keepBooksElsewhere };
    };
    for (const { name, run } of storageContract(make)) test(name, run);`;

  it.each([
    ['mjs', imports],
    ['cjs', required(imports)],
  ])('puts a store to its contract in a runner that is not Jest, from %s', async (extension, head) => {
    write(`contract.${extension}`, head + usage);
    const output = await run(`contract.${extension}`);
    expect(output).toMatch(/^# pass [1-9]\d+$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });
});

describe('the declarations', () => {
  const everything = entryPoints.map((name, i) => `export * as entry${i} from '${name}';`).join('\n');

  it('stand alone, as ESM and as CommonJS, without types of Node', () => {
    write('all.mts', everything);
    write('all.cts', everything);
    expect(problemsOf(programOf(consumer, ['all.mts', 'all.cts'], { skipLibCheck: false }))).toEqual([]);
  });

  it('reject what is wrong', () => {
    write(
      'wrong.mts',
      `import { money } from '@redress/domain';\nexport const sum: number = money('1', 'EUR');\n`,
    );
    expect(problemsOf(programOf(consumer, ['wrong.mts']))).toEqual([
      expect.stringContaining('is not assignable to type'),
    ]);
  });

  it.each(['mts', 'cts'])('offer the published names and refusals to %s', (extension) => {
    const file = `names.${extension}`;
    write(file, `${everything}\nexport type { RefusalCode } from '@redress/domain';\n`);
    const program = programOf(consumer, [file]);
    const checker = program.getTypeChecker();
    const exportsOf = (file: ts.Node) => checker.getExportsOfModule(checker.getSymbolAtLocation(file)!);
    const target = (symbol: ts.Symbol) =>
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const [refusalCode, ...entries] = exportsOf(program.getSourceFile(path.join(consumer, file))!).reverse();
    entries.reverse().forEach((entry, i) => {
      const names = checker.getExportsOfModule(target(entry));
      const isValue = (symbol: ts.Symbol) => Boolean(target(symbol).flags & ts.SymbolFlags.Value);
      const { values, types } = published[entryPoints[i]!];
      expect(sorted(names.filter(isValue).map(({ name }) => name))).toEqual(values);
      expect(sorted(names.filter((symbol) => !isValue(symbol)).map(({ name }) => name))).toEqual(types);
    });
    const union = checker.getDeclaredTypeOfSymbol(target(refusalCode!)) as ts.UnionType;
    expect(sorted(union.types.map((type) => (type as ts.StringLiteralType).value))).toEqual(refusalCodes);
  });
});

describe('the built files', () => {
  it.each([
    ['mjs', `import * as entry from 'NAME'; console.log(Object.keys(entry).join(' '));`],
    ['cjs', `console.log(Object.keys(require('NAME')).join(' '));`],
  ])('offer the published values to %s', async (extension, source) => {
    for (const [i, name] of entryPoints.entries()) {
      write(`keys${i}.${extension}`, source.replace('NAME', name));
      expect(sorted(words(await run(`keys${i}.${extension}`)))).toEqual(published[name].values);
    }
  });

  it('import nothing, except the testing kit node:assert', () => {
    const files = readdirSync(path.join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const imported = files
      .filter((file) => /\.[cm]js$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(path.join(installed, 'dist', file), 'utf8');
        const sources = [...text.matchAll(/(?:from |require\(|import\()["']([^."'][^"']*)["']/g)].map(
          ([, from]) => from,
        );
        return sources.map((from) => `${file.split(/[\\/]/)[0]}: ${from}`);
      });
    expect(sorted(new Set(imported))).toEqual(['testing: node:assert/strict']);
  });
});

/** The size of an entry point that is bundled with all that it imports, minified and compressed, in bytes. */
async function compressedSize(entry: string): Promise<number> {
  const out = path.join(folder.path, `bundle-${entry.replaceAll('/', '-')}`);
  const options = ['--no-config', '--format', 'esm', '--platform', 'neutral', '--minify', '--out-dir', out];
  const bundling = await tool(
    'tsdown/dist/run.mjs',
    [path.join(installed, 'dist', entry), ...options],
    consumer,
  );
  const [bundle, ...others] = readdirSync(out);
  expect([bundling.code, others]).toEqual([0, []]);
  return gzipSync(readFileSync(path.join(out, bundle!)), { level: 9 }).length;
}

describe('the main entry', () => {
  const limit = 20_000;

  it(`has at most ${limit} bytes, bundled, minified and compressed`, async () => {
    expect(await compressedSize('index.mjs')).toBeLessThanOrEqual(limit);
  }, 30_000);

  it('would be found to be larger', async () => {
    expect(await compressedSize('testing/index.mjs')).toBeGreaterThan(limit);
  }, 30_000);
});
