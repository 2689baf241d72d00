/**
 * {@code keelson controller-manager}: one process that runs the controllers of the other packages. Flags come in through
 * {@link io.keelson.controllers.manager.ControllerManagerCommand}; {@link io.keelson.controllers.manager.ControllerSelection}
 * says which of the known controllers run; the process takes part in an election, runs them while it leads, and ends when it
 * does not any more, so that whoever starts it starts it anew with nothing in memory. Beside that {@link
 * io.keelson.controllers.manager.SecurePort} answers for its health and shows its metrics.
 *
 * <p>What a process of controllers shares with any other component that works while it leads, the scheduler for one, is in
 * {@link io.keelson.controllers.manager.ComponentFlags}: a command that has them reaches the API, takes part in an election,
 * serves its port and ends in the same way.
 */
@NullMarked
package io.keelson.controllers.manager;

import org.jspecify.annotations.NullMarked;
