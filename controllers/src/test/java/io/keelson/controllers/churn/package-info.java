/**
 * A cluster in one process whose time a test moves: API server, all controllers, scheduler and hollow nodes. Users change
 * their minds all day, machines come and go, controllers are restarted; in the evening everything is as it was wanted last,
 * and nothing is left of what is not wanted.
 *
 * <pre>
 *   {@link io.keelson.controllers.churn.Users} ──writes──► {@link io.keelson.controllers.churn.SimulatedCluster} ──objects──►
 *       {@link io.keelson.controllers.churn.Invariants}
 * </pre>
 */
@NullMarked
package io.keelson.controllers.churn;

import org.jspecify.annotations.NullMarked;
