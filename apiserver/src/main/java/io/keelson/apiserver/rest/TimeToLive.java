package io.keelson.apiserver.rest;

import io.keelson.apiserver.resource.Resource;

/** How long objects live that go by themselves: events. */
record TimeToLive(long eventSeconds) {
    /** An hour, as {@code --event-ttl} has it. */
    static final TimeToLive DEFAULT = new TimeToLive(3_600);

    /** Seconds until an object goes; 0 if it stays. */
    long seconds(Resource resource) {
        return !resource.custom() && resource.storagePath().equals("events") ? eventSeconds : 0;
    }
}
