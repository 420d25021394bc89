import { postgresVersions } from '../support/clusters';
import { describeProductionRoles } from '../support/production-roles';

describeProductionRoles(postgresVersions().slice(0, -3), { real: false });
