/** Tests of streams, with processes that only pretend. */
@NullMarked
package io.keelson.agent.embedded.streaming;

import org.jspecify.annotations.NullMarked;
