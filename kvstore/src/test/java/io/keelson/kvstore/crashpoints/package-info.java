/**
 * A member ends between two steps, wherever that may be, and is held against the others afterwards.
 *
 * <p>A step is a call that the code of a {@link io.keelson.kvstore.crashpoints.Phase} makes. {@link
 * io.keelson.kvstore.crashpoints.Instrumentation} puts a {@link io.keelson.kvstore.crashpoints.CrashPoint} in front of each in
 * a copy of the distribution, so the product itself knows nothing of this. Member and run share a {@link
 * io.keelson.kvstore.crashpoints.Control}: the run arms many steps at once, while the member runs, and learns which were come
 * by and which was the end. {@link io.keelson.kvstore.crashpoints.CrashRun} has the phases happen, by a {@link
 * io.keelson.kvstore.crashpoints.Provocation} that is drawn anew for each trial, and judges what is left. {@link
 * io.keelson.kvstore.crashpoints.StepLedger} keeps account of the steps and tells which were met least.
 */
@NullMarked
package io.keelson.kvstore.crashpoints;

import org.jspecify.annotations.NullMarked;
