package io.keelson.cloud.local;

import io.keelson.cloud.CloudException;
import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The load balancer of one Service. No two threads change it at once; traffic looks at its plan at any time. */
final class Balancer implements AutoCloseable {
    private final LocalSettings settings;
    private final Semaphore room;
    private final AtomicLong turns = new AtomicLong();
    private final Map<Plan.Frontend, Forwarder> forwarders = new HashMap<>();
    private volatile Plan plan;
    private volatile @Nullable HealthChecks health;

    /** One that does not listen yet. */
    Balancer(LocalSettings settings, Semaphore room, Plan plan) {
        this.settings = settings;
        this.room = room;
        this.plan = plan;
    }

    Plan plan() {
        return plan;
    }

    /**
     * Does as a plan says from now on: connections through ports that stay go on.
     *
     * @throws CloudException if it cannot listen at a port; it listens at the others all the same
     */
    synchronized void follow(Plan next) {
        plan = next;
        HealthChecks checks = health;
        if (next.healthPort() == 0 && checks != null) {
            checks.close();
            health = null;
        } else if (next.healthPort() != 0 && checks == null) {
            health = new HealthChecks(settings.healthCheckPeriod(), () -> plan);
        }
        forwarders.entrySet().removeIf(entry -> {
            boolean gone = !next.nodePorts().containsKey(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        @Nullable CloudException problem = null;
        for (Plan.Frontend frontend : next.nodePorts().keySet()) {
            try {
                if (!forwarders.containsKey(frontend)) {
                    forwarders.put(frontend, listen(frontend));
                }
            } catch (IOException e) {
                problem = new CloudException(
                        "cannot listen at " + frontend.protocol() + " port " + frontend.port() + " of "
                                + frontend.address() + ": " + e.getMessage() + hint(frontend, e),
                        e);
            }
        }
        if (problem != null) {
            throw problem;
        }
    }

    private static String hint(Plan.Frontend frontend, IOException problem) {
        return frontend.port() < 1024 && String.valueOf(problem.getMessage()).contains("Permission denied")
                ? ": ports below 1024 need root, or CAP_NET_BIND_SERVICE"
                : "";
    }

    private Forwarder listen(Plan.Frontend frontend) throws IOException {
        InetSocketAddress at = socketAddress(frontend.address(), frontend.port());
        Traffic traffic = new Traffic() {
            @Override
            public boolean takes(IpAddress client) {
                return plan.sources().allow(client);
            }

            @Override
            public List<InetSocketAddress> targets(IpAddress client) {
                return targetsOf(frontend, client);
            }

            @Override
            public boolean leadsTo(InetSocketAddress target) {
                return isTargetOf(frontend, target);
            }
        };
        return frontend.protocol().equals("UDP")
                ? new UdpForwarder(at, traffic, settings)
                : new TcpForwarder(at, traffic, room, settings);
    }

    private List<InetSocketAddress> targetsOf(Plan.Frontend frontend, IpAddress client) {
        Plan current = plan;
        Integer nodePort = current.nodePorts().get(frontend);
        if (nodePort == null) {
            return List.of();
        }
        return current.order(client, turns.getAndIncrement(), this::healthOf).stream()
                .map(backend -> socketAddress(backend.address(frontend.address().isV6()), nodePort))
                .toList();
    }

    private boolean isTargetOf(Plan.Frontend frontend, InetSocketAddress target) {
        Plan current = plan;
        Integer nodePort = current.nodePorts().get(frontend);
        return nodePort != null
                && current.able(this::healthOf)
                        .anyMatch(backend -> socketAddress(
                                        backend.address(frontend.address().isV6()), nodePort)
                                .equals(target));
    }

    private @Nullable Boolean healthOf(String node) {
        HealthChecks checks = health;
        return checks == null ? null : checks.of(node);
    }

    private static InetSocketAddress socketAddress(IpAddress address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address.toString()), port);
    }

    @Override
    public synchronized void close() {
        HealthChecks checks = health;
        if (checks != null) {
            checks.close();
            health = null;
        }
        forwarders.values().forEach(Forwarder::close);
        forwarders.clear();
    }
}
