export { RedressTesting, RedressTestingModule, type RedressTestingOptions } from './redress-testing.module';
export { TestClock } from './test-clock';
