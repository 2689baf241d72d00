/**
 * Clients that mean no good, or know no better, and members that have to bear with them.
 *
 * <p>{@link io.keelson.kvstore.hostile.LocalCluster} is three members in this process. {@link
 * io.keelson.kvstore.hostile.RawConnection} and {@link io.keelson.kvstore.hostile.Look} serve whoever attacks another server.
 */
@NullMarked
package io.keelson.kvstore.hostile;

import org.jspecify.annotations.NullMarked;
