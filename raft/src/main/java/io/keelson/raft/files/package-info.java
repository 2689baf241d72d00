/**
 * What members do to files beside writing them: so far, removing many of them so that nobody else notices. Used by the log,
 * by snapshots and by state machines; knows of none of them.
 */
@NullMarked
package io.keelson.raft.files;

import org.jspecify.annotations.NullMarked;
