/**
 * What a crash of a member between two steps leaves, wherever that may be, is held against what was committed and promised.
 *
 * <p>A step is a call that the code of a {@link io.keelson.kvstore.crashpoints.Phase} makes. {@link
 * io.keelson.kvstore.crashpoints.Instrumentation} puts a {@link io.keelson.kvstore.crashpoints.CrashPoint} in front of each in
 * a copy of the distribution, so the product itself knows nothing of this. Member and run share a {@link
 * io.keelson.kvstore.crashpoints.Control}: the run arms many steps at once, while the member runs, and learns which were come
 * by. A {@link io.keelson.kvstore.crashpoints.Provocation}, drawn anew each time, has a phase happen.
 *
 * <p>A step is met in one of two ways. The {@link io.keelson.kvstore.crashpoints.Camera} stops the process there for a moment
 * and copies its folder; {@link io.keelson.kvstore.crashpoints.ImageOpening} opens that as a start does, in a JVM that is kept
 * for it, and {@link io.keelson.kvstore.crashpoints.ImageJudge} compares it with the {@link
 * io.keelson.kvstore.crashpoints.Chronicle} of what was committed. That is cheap, and nothing dies, so every step is armed
 * until it was met as often as others. Or, less often, {@link io.keelson.kvstore.crashpoints.CrashRun} has the process end
 * there and starts it again among the others: that is what an image stands for. {@link
 * io.keelson.kvstore.crashpoints.StepLedger} keeps account of the steps and of both ways.
 */
@NullMarked
package io.keelson.kvstore.crashpoints;

import org.jspecify.annotations.NullMarked;
