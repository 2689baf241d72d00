/**
 * Members under load for long, and with much data.
 *
 * <p>{@link io.keelson.kvstore.soak.SoakRun} watches whether memory and latencies stay what they are; {@link
 * io.keelson.kvstore.soak.LargeDataRun} what becomes of latencies with many keys, while members compact and catch up.
 * {@link io.keelson.kvstore.soak.MixedLoad} is the load of both, and {@link io.keelson.kvstore.soak.DiskProbe} measures beside
 * it what the disk does. {@link io.keelson.kvstore.soak.SoakVerdict} and {@link io.keelson.kvstore.soak.PhaseDelay} judge.
 */
@NullMarked
package io.keelson.kvstore.soak;

import org.jspecify.annotations.NullMarked;
