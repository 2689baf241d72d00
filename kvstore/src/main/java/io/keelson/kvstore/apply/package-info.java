/**
 * What a committed command does.
 *
 * <p>A command ({@link io.keelson.kvstore.apply.Command}) is a kind, who asked for it, and the request's own bytes. The
 * state machine takes each through the guards ({@link io.keelson.kvstore.apply.ApplyGuard}: corruption, permissions,
 * space) and then to the one handler of its kind ({@link io.keelson.kvstore.apply.CommandHandler}), inside a mark of the
 * session, so that a command that fails leaves nothing behind. A whole batch ends as one atomic write with its last index.
 */
@NullMarked
package io.keelson.kvstore.apply;

import org.jspecify.annotations.NullMarked;
