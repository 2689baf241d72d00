/**
 * What a container wants done when it has started and before it is stopped: a command in it, a request to it, a
 * connection to it, or a pause. A hook comes in with the run that it belongs to and a time limit; what went wrong goes out as a message.
 * Whoever starts and stops containers decides what follows from that.
 */
@NullMarked
package io.keelson.agent.hooks;

import org.jspecify.annotations.NullMarked;
