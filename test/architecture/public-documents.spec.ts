import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './support/command';

/** Text that makes sense on one developer's machine or to-do list only. Written so as not to match itself. */
const forbidden = [
  /\/wor[k]\//,
  /\/roo[t]\//,
  /\/(home|Users)\/[a-z]+\//,
  /\b[A-Z]:\\Users\\/,
  /\/tmp\/[a-z]+[_-]job[s]/,
  /\b(TO-?DO|FIX-?ME)\b/,
  /\bclaud[e]\b|\banthropi[c]\b|\bchatgp[t]\b|\bcopilo[t]\b|\bsub-?agen[t]s?\b/i,
  /\bco-authored-b[y]\b/i,
  /-----BEGIN [A-Z ]*PRIVATE KE[Y]-----/,
];

const offences = (text: string): string[] =>
  text.split('\n').filter((line) => forbidden.some((pattern) => pattern.test(line)));

describe('what is public', () => {
  // The owner of a checkout may be another user, as in a container.
  const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  const tracked = listed.split('\0').filter(Boolean);
  const read = (file: string): string => {
    try {
      return readFileSync(path.join(root, file), 'utf8');
    } catch {
      return ''; // Deleted, but not yet committed.
    }
  };

  it('names nothing that is private to a machine or a person', () => {
    expect(tracked.length).toBeGreaterThan(20);
    expect(
      tracked.flatMap((file) =>
        offences(`${file}\n${read(file)}`).map((line) => `${file}: ${line.slice(0, 200)}`),
      ),
    ).toEqual([]);
  });

  it.each(['wor', 'roo'].map((name) => `see /${name}${name === 'wor' ? 'k' : 't'}/notes.md`))(
    'would not be: %s',
    (line) => {
      expect(offences(`fine\n${line}\nfine`)).toEqual([line]);
    },
  );
});

describe('every link of a document', () => {
  const exists = (file: string): boolean => existsSync(path.join(root, file));
  const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

  /** The links that lead nowhere: no such file in the repository, or no such heading in the document. */
  function brokenLinks(file: string, text: string): string[] {
    const prose = text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    return targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [link = '', anchor] = target.split('#');
      const document = link === '' ? file : path.posix.join(path.posix.dirname(file), link);
      if (document !== file && !exists(document)) return true;
      return anchor !== undefined && !headings(document === file ? text : textOf(document)).includes(anchor);
    });
  }

  /** The anchors of a document, as GitHub makes them of its headings. */
  const headings = (text: string): string[] =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it('leads to a file of the repository, and to a heading of it', () => {
    const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z', '*.md'], { cwd: root });
    const documents = listed.toString('utf8').split('\0').filter(Boolean).filter(exists);
    expect(documents.length).toBeGreaterThan(20);
    expect(
      documents.flatMap((file) => brokenLinks(file, textOf(file)).map((target) => `${file}: ${target}`)),
    ).toEqual([]);
  });

  it.each(['nowhere.md', 'running.md#nothing', '#nothing'])('would not be: %s', (target) => {
    expect(brokenLinks('docs/a.md', `# Something\n\nSee [this](${target}).`)).toEqual([target]);
    expect(
      brokenLinks('docs/a.md', '# A title\n\nSee [this](running.md#docker) and [that](#a-title).'),
    ).toEqual([]);
  });
});

describe('every dependency', () => {
  type Versions = Readonly<Record<string, string>>;
  type Kind = 'dependencies' | 'devDependencies' | 'optionalDependencies';
  const manifest = JSON.parse(read('package.json')) as Readonly<Record<Kind, Versions>>;
  const explained = [...read('docs/dependencies.md').matchAll(/^- (.+?): (.+)$/gm)].map(
    ([, names, why]) => [[...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!), why!] as const,
  );
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };

  function read(file: string): string {
    return readFileSync(path.join(root, file), 'utf8');
  }

  it('has a line that says why it is there, and nothing else has', () => {
    expect(explained.flatMap(([names]) => names).sort()).toEqual(Object.keys(all).sort());
    for (const [names, why] of explained) expect([names, why.length > 20]).toEqual([names, true]);
  });

  it('has the same version in the package of the API', () => {
    const { dependencies: own } = JSON.parse(read('apps/api/package.json')) as Readonly<
      Record<Kind, Versions>
    >;
    const published = Object.entries(own).filter(([name]) => !name.startsWith('@redress/'));
    expect(published.length).toBeGreaterThan(10);
    expect(published.filter(([name, version]) => dependencies[name] !== version)).toEqual([]);
  });

  it('is pinned to one version', () => {
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual(
      [],
    );
  });
});
