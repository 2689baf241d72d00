/**
 * Whether containers are well: startup, liveness and readiness probes. A run of a container comes in when it is seen
 * running; each of its probes is asked in its own rhythm, in a virtual thread each time, and what it answers is counted
 * until it is a {@linkplain io.keelson.agent.probe.ProbeResult result}. Who waits for results is told when one changes,
 * and reads them from {@link io.keelson.agent.probe.ProbeResults}. A run is forgotten when it is seen to have ended.
 *
 * <p>A probe is a command in the container, a request over HTTP, a connection, or a question by {@code grpc.health.v1}.
 * What a container answers is read as far as it is needed, and never more than a little of it.
 */
@NullMarked
package io.keelson.agent.probe;

import org.jspecify.annotations.NullMarked;
