package io.keelson.agent.eviction;

import java.time.Instant;

/**
 * What was seen of a signal.
 *
 * @param available bytes, inodes or processes that are left; less than nothing if more are used than there may be
 * @param capacity how many there are in all
 * @param time when, by the machine's clock; {@link Instant#EPOCH} if that is not known
 */
public record Observation(long available, long capacity, Instant time) {}
