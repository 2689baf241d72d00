/**
 * Looks into the running process, at {@code /debug}: its threads, and a flight recording of what it does. Who may ask is
 * decided as for any other path, which is the administrators unless a role says more; {@code --profiling=false} takes it
 * all away. What is told of the members of stores, at {@code /debug/store}, stays.
 */
@NullMarked
package io.keelson.apiserver.debug;

import org.jspecify.annotations.NullMarked;
