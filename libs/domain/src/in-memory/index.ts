export { InMemoryUnitOfWork } from './unit-of-work';
