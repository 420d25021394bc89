import { library } from '../library.config';

export default library({
  entry: { index: 'src/index.ts' },
  tsconfig: 'tsconfig.json',
  unbundle: false,
  // Knows neither Node nor a browser.
  platform: 'neutral',
});
