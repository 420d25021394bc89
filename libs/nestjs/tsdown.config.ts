import { library } from '../library.config';

export default library({
  entry: {
    index: 'src/index.ts',
    'http/index': 'src/http/index.ts',
    'testing/index': 'src/testing/index.ts',
  },
  platform: 'node',
  // What is installed beside it, by its own package.json.
  deps: { neverBundle: [/^@redress\/domain/, /^@nestjs\//] },
});
