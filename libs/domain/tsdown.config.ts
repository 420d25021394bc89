import { library } from '../library.config';

export default library({
  entry: {
    index: 'src/index.ts',
    'integrations/index': 'src/integrations/index.ts',
    'actions/index': 'src/actions/index.ts',
    'bulk/index': 'src/bulk/index.ts',
    'settings/index': 'src/settings/index.ts',
    'in-memory/index': 'src/in-memory/index.ts',
    'testing/index': 'src/testing/index.ts',
  },
  // Knows neither Node nor a browser.
  platform: 'neutral',
  deps: { neverBundle: ['node:assert/strict'] },
});
