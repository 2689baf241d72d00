package io.keelson.cloud.file;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.Instance;
import io.keelson.cloud.Instances;
import io.keelson.cloud.Route;
import io.keelson.cloud.Routes;
import io.keelson.cloud.Zones;
import io.keelson.controllers.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The provider {@code file}: machines, zones and routes as a file has them. */
public final class FileCloud implements CloudProvider {
    /** As {@code --cloud-provider} has it. */
    public static final String NAME = "file";

    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final WatchedFile file;

    /**
     * Reads a file, and goes on reading it.
     *
     * @throws ConfigException if it is not as it has to be; its text names the line
     */
    public FileCloud(Path file) throws ConfigException {
        this(file, PERIOD);
    }

    FileCloud(Path file, Duration period) throws ConfigException {
        this.file = new WatchedFile(file, period);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<Instances> instances() {
        return Optional.of(new Instances() {
            @Override
            public boolean exists(Node node) {
                boolean sure = file.isSure();
                boolean found = file.inventory().find(node) != null;
                if (!found && !sure) {
                    // It costs a Node its life.
                    throw new CloudException(file.file() + " has no instance for node "
                            + node.getMetadata().getName() + " so far, and may not have been read whole yet");
                }
                return found;
            }

            @Override
            public boolean isShutDown(Node node) {
                Machine machine = file.inventory().find(node);
                return machine != null && !machine.running();
            }

            @Override
            public Optional<Instance> find(Node node) {
                return Optional.ofNullable(file.inventory().find(node))
                        .map(machine -> new Instance(
                                machine.providerId(), machine.type(), machine.addresses(), machine.labels()));
            }
        });
    }

    @Override
    public Optional<Zones> zones() {
        return Optional.of(node -> {
            Machine machine = file.inventory().find(node);
            if (machine == null) {
                throw new CloudException(file.file() + " has no instance for node "
                        + node.getMetadata().getName());
            }
            return new Zones.Zone(machine.zone(), machine.region());
        });
    }

    @Override
    public Optional<Routes> routes() {
        return Optional.of(new Routes() {
            @Override
            public List<Route> list(String cluster) {
                return file.inventory().ways().stream()
                        .map(way -> new Route(way.destination(), way.node(), way.destination(), null, false))
                        .toList();
            }

            @Override
            public void create(String cluster, String nameHint, Route route) {
                throw new CloudException("set up a route to " + route.destination() + " by way of node " + route.node()
                        + ", then add {node: " + route.node() + ", destination: " + route.destination()
                        + "} to the routes in " + file.file());
            }

            @Override
            public void delete(String cluster, Route route) {
                Inventory.Way way = file.inventory().way(route.destination());
                if (way == null) {
                    // It was removed since it was told of.
                    return;
                }
                throw new CloudException(file.file() + ":" + way.line() + ": the route to " + route.destination()
                        + " by way of node " + route.node() + " leads nowhere now: take it down, then remove it there");
            }
        });
    }

    @Override
    public void close() {
        file.close();
    }
}
