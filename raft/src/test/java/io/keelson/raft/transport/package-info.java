/** The wire between members, without a log on it. */
@NullMarked
package io.keelson.raft.transport;

import org.jspecify.annotations.NullMarked;
