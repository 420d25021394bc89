import { postgresVersions } from '../support/clusters';
import { describeProductionRoles } from '../support/production-roles';

describeProductionRoles(postgresVersions().slice(-3, -1), { real: false });
