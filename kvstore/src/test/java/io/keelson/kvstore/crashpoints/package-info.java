/**
 * A member ends between two steps, wherever that may be, and is held against the others afterwards.
 *
 * <p>A step is a call that the code of a {@link io.keelson.kvstore.crashpoints.Phase} makes. {@link
 * io.keelson.kvstore.crashpoints.CrashAgent} is loaded into the member under test and puts a check in front of calls: of
 * all of them, to learn which are made; or of one, to halt the process there. So the product itself knows nothing of this.
 * {@link io.keelson.kvstore.crashpoints.CrashRun} provokes the phases, crashes the member at one step after the other, and
 * judges what is left. {@link
 * io.keelson.kvstore.crashpoints.StepLedger} keeps account of them.
 */
@NullMarked
package io.keelson.kvstore.crashpoints;

import org.jspecify.annotations.NullMarked;
