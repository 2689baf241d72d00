/**
 * That pods end in order when the machine is shut down. {@link io.keelson.agent.shutdown.LoginManager} is whoever shuts it
 * down: it tells when that is about to be, and waits as long as somebody holds it up. {@link
 * io.keelson.agent.shutdown.Logind} is systemd's, reached by its own programs. {@link
 * io.keelson.agent.shutdown.MachineShutdown} holds the shutdown up, and when it comes lets no pods in any more, tells that
 * the node is not ready, and ends the pods as {@link io.keelson.agent.shutdown.ShutdownPlan} says: those first that are
 * least important. {@link io.keelson.agent.shutdown.ShutdownRecord} keeps when that was.
 */
@NullMarked
package io.keelson.agent.shutdown;

import org.jspecify.annotations.NullMarked;
