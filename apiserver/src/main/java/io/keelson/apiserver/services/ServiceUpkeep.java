package io.keelson.apiserver.services;

import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.time.InstantSource;

/** Keeps what Services hold, and what they say they hold, the same. */
public final class ServiceUpkeep {
    private static final Duration ADDRESS_PAUSE = Duration.ofMinutes(1);
    private static final Duration WATCH_PAUSE = Duration.ofSeconds(1);
    private static final Duration PORT_PAUSE = Duration.ofMinutes(3);

    private final AddressRepair addresses;
    private final AddressFeed feed;
    private final PortRepair ports;

    public ServiceUpkeep(RestApi rest, ServiceAllocator allocator, InstantSource clock) {
        addresses = new AddressRepair(rest, allocator.ranges(), clock);
        feed = new AddressFeed(rest, addresses);
        ports = new PortRepair(rest, allocator.ports(), clock);
    }

    /** Finds out which ports are taken, before any is given out. */
    public void begin() throws InterruptedException {
        ports.round();
    }

    public void start(Rounds rounds) {
        rounds.start("service-ip-repair", ADDRESS_PAUSE, addresses::round);
        rounds.start("service-ip-repair-services", WATCH_PAUSE, feed::services);
        rounds.start("service-ip-repair-addresses", WATCH_PAUSE, feed::addresses);
        rounds.start("service-node-port-repair", PORT_PAUSE, ports::round);
    }
}
