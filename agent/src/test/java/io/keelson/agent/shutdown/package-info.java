/** Shutdowns of machines that a test plays. */
@NullMarked
package io.keelson.agent.shutdown;

import org.jspecify.annotations.NullMarked;
