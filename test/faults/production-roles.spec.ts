import { postgresVersions } from '../support/clusters';
import { describeProductionRoles } from '../support/production-roles';

// The version that npm installs. The other files have the others, so that workers share them.
describeProductionRoles(postgresVersions().slice(-1), { real: true });
