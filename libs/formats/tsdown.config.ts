import { library } from '../library.config';

export default library({
  entry: { index: 'src/index.ts' },
  platform: 'node',
  // What is installed beside it, by its own package.json.
  deps: { neverBundle: [/^@redress\/domain/] },
});
