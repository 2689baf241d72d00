package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.rest.RestApi;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the ports that are taken with those that Services have, and puts right what differs. A port that no Service has
 * may belong to one that is about to be written; it is set free when it has been seen so in three rounds. One thread.
 */
final class PortRepair {
    private static final Logger log = LoggerFactory.getLogger(PortRepair.class);

    private static final String ACTION = "PortAllocation";
    private static final int ROUNDS_BEFORE_RELEASE = 3;
    private static final int ATTEMPTS_MAX = 10;

    private final RestApi rest;
    private final NodePorts nodePorts;
    private final Complaints complaints;

    /** In how many more rounds a port that nobody seems to have stays taken. */
    private final Map<Integer, Integer> leaks = new HashMap<>();

    PortRepair(RestApi rest, NodePorts nodePorts, InstantSource clock) {
        this.rest = rest;
        this.nodePorts = nodePorts;
        this.complaints = new Complaints(rest, "portallocator-repair-controller", clock);
    }

    /** Looks at everything once; begins again while others change the ports meanwhile. */
    void round() throws InterruptedException {
        for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            if (tryOnce()) {
                return;
            }
        }
        log.info("the ports of nodes change all the time; they are looked at again later");
    }

    /** @return false if somebody has changed the ports meanwhile */
    private boolean tryOnce() throws InterruptedException {
        NodePorts.Stored stored = nodePorts.read();
        PortRange range = nodePorts.range();
        PortSet rebuilt = new PortSet(range);
        Set<Integer> left = new HashSet<>();
        if (stored != null) {
            stored.ports().ports().forEach(left::add);
        }
        List<Found> found = new ArrayList<>();
        // Services are read after the ports, and no older: whoever has a port in what was read is among them, or not
        // yet.
        var services =
                rest.cache(rest.resource("", "services")).consistentSnapshot().iterator("", "");
        while (services.hasNext()) {
            CacheEntry entry = services.next();
            for (int port : portsOf(entry.tree().path("spec"))) {
                look(entry.tree(), port, rebuilt, left, stored != null, found);
            }
        }
        Map<Integer, Integer> leaking = new HashMap<>();
        for (int port : left) {
            int rounds = leaks.getOrDefault(port, ROUNDS_BEFORE_RELEASE - 1);
            if (rounds > 0) {
                leaking.put(port, rounds - 1);
                boolean _ = rebuilt.take(port);
            } else {
                log.warn("the node port {} appears to have leaked: cleaning up", port);
            }
        }
        boolean same = stored != null
                && stored.ports().range().equals(range)
                && stored.ports()
                        .ports()
                        .boxed()
                        .toList()
                        .equals(rebuilt.ports().boxed().toList());
        if (!same && !nodePorts.replace(rebuilt, stored == null ? 0 : stored.revision())) {
            return false;
        }
        leaks.clear();
        leaks.putAll(leaking);
        for (Found what : found) {
            complaints.say(what.service(), what.reason(), ACTION, what.message());
        }
        return true;
    }

    /** Something that is wrong with a Service. */
    private record Found(ObjectNode service, String reason, String message) {}

    private static void look(
            ObjectNode service, int port, PortSet rebuilt, Set<Integer> left, boolean known, List<Found> found) {
        PortRange range = rebuilt.range();
        if (!range.contains(port)) {
            found.add(new Found(
                    service,
                    "PortOutOfRange",
                    "Port " + port + " is not within the port range " + range + "; please recreate service"));
        } else if (!rebuilt.take(port)) {
            found.add(new Found(
                    service,
                    "PortAlreadyAllocated",
                    "Port " + port + " was assigned to multiple services; please recreate service"));
        } else if (!left.remove(port) && known) {
            found.add(new Found(service, "PortNotAllocated", "Port " + port + " is not allocated; repairing"));
        }
    }

    /** The ports of a Service; one that several protocols share counts once, one that is there twice counts twice. */
    private static List<Integer> portsOf(JsonNode spec) {
        List<Integer> ports = new ArrayList<>();
        Map<Integer, Set<String>> protocols = new HashMap<>();
        for (JsonNode port : spec.path("ports")) {
            int number = port.path("nodePort").asInt();
            if (number != 0) {
                Set<String> seen = protocols.computeIfAbsent(number, _ -> new HashSet<>());
                boolean first = seen.isEmpty();
                boolean again = !seen.add(port.path("protocol").asText("TCP"));
                if (first || again) {
                    ports.add(number);
                }
            }
        }
        int healthCheck = spec.path("healthCheckNodePort").asInt();
        if (healthCheck != 0
                && (!protocols.containsKey(healthCheck)
                        || protocols.get(healthCheck).contains("TCP"))) {
            ports.add(healthCheck);
        }
        return ports;
    }
}
