/** The small parts behind a member, each alone. */
@NullMarked
package io.keelson.raft.jraft;

import org.jspecify.annotations.NullMarked;
