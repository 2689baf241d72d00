package io.keelson.proxy.userspace;

import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.rules.Destination;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Chooses an endpoint for a client: any, or the one that it had. Any thread. */
final class EndpointChoice {
    private static final int CLIENTS_MAX = 10_000;

    private final Time time;
    private final RandomGenerator random;
    private final Map<InetAddress, Kept> clients = new LinkedHashMap<>();
    private List<Destination> destinations = List.of();
    private int affinitySeconds;

    private record Kept(Destination destination, long untilNanos) {}

    EndpointChoice(Time time, RandomGenerator random) {
        this.time = time;
        this.random = random;
    }

    /** Chooses among these from now on. */
    synchronized void set(List<Destination> all, int seconds) {
        destinations = List.copyOf(all);
        affinitySeconds = seconds;
    }

    /** One for a client; empty if there is none. */
    synchronized Optional<Destination> of(InetAddress client) {
        if (destinations.isEmpty()) {
            return Optional.empty();
        }
        long now = time.nanoTime();
        Kept kept = affinitySeconds > 0 ? clients.remove(client) : null;
        Destination chosen = kept != null && kept.untilNanos() - now > 0 && destinations.contains(kept.destination())
                ? kept.destination()
                : destinations.get(random.nextInt(destinations.size()));
        if (affinitySeconds > 0) {
            clients.put(client, new Kept(chosen, now + TimeUnit.SECONDS.toNanos(affinitySeconds)));
            if (clients.size() > CLIENTS_MAX) {
                // The one that has been silent for longest.
                clients.remove(clients.keySet().iterator().next());
            }
        }
        return Optional.of(chosen);
    }

    /** Whether an endpoint is still one of them. */
    synchronized boolean has(Destination destination) {
        return destinations.contains(destination);
    }
}
