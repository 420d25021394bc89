import { bulkBench } from './bulk';
import { decideBench } from './decide';
import { exportBench } from './export';
import { forceMatchBench } from './force-match';
import { hostileBench } from './hostile';
import { importBench } from './import';
import { listBench } from './lists';
import { neighborsBench } from './neighbors';
import type { Setting } from './support/setting';

const benches: Readonly<Record<string, (setting: Setting) => Promise<void>>> = {
  decide: decideBench,
  'force-match': forceMatchBench,
  import: importBench,
  lists: listBench,
  bulk: bulkBench,
  export: exportBench,
  hostile: hostileBench,
  neighbors: neighborsBench,
};

/** Runs what is asked for, or everything. */
export async function run({ only, ...setting }: Setting & { only?: readonly string[] }): Promise<void> {
  const chosen = only ?? Object.keys(benches);
  for (const name of chosen) {
    const bench = benches[name];
    if (!bench) throw new Error(`--only takes ${Object.keys(benches).join(', ')}.`);
    await bench(setting);
  }
}
