package io.keelson.agent.volumes.csi;

import io.grpc.ManagedChannel;
import io.keelson.agent.volumes.VolumeException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The storage plugins that have registered at this node. Any thread. */
public final class CsiDrivers implements AutoCloseable {
    private static final int DRIVERS_MAX = 256;

    private final Function<Path, ManagedChannel> connector;
    private final Map<String, Registered> drivers = new HashMap<>();

    private record Registered(Path socket, ManagedChannel channel, CsiDriver driver) {}

    /** @param connector connects to a Unix socket */
    public CsiDrivers(Function<Path, ManagedChannel> connector) {
        this.connector = connector;
    }

    /**
     * A plugin has registered, maybe again, and maybe on another socket.
     *
     * @param name as its CSIDriver is called
     * @throws IllegalArgumentException if the name is none, or there are too many
     */
    public void register(String name, Path socket) {
        if (name.isEmpty() || name.length() > 63 || !name.matches("[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?")) {
            throw new IllegalArgumentException("not the name of a CSI driver: \"" + name + '"');
        }
        ManagedChannel before = null;
        synchronized (this) {
            Registered known = drivers.get(name);
            if (known != null && known.socket.equals(socket)) {
                known.driver.forgetCapabilities();
                return;
            }
            if (known == null && drivers.size() >= DRIVERS_MAX) {
                throw new IllegalArgumentException("more than " + DRIVERS_MAX + " CSI drivers have registered");
            }
            ManagedChannel channel = connector.apply(socket);
            drivers.put(name, new Registered(socket, channel, new CsiDriver(channel)));
            before = known == null ? null : known.channel;
        }
        if (before != null) {
            before.shutdown();
        }
    }

    /** A plugin is gone. Right when repeated. */
    public void unregister(String name) {
        Registered known;
        synchronized (this) {
            known = drivers.remove(name);
        }
        if (known != null) {
            known.channel.shutdown();
        }
    }

    /** Their names. */
    public synchronized Set<String> names() {
        return new TreeSet<>(drivers.keySet());
    }

    /**
     * A plugin by its name.
     *
     * @throws VolumeException if it has not registered
     */
    public CsiDriver get(String name) throws VolumeException {
        Registered known;
        synchronized (this) {
            known = drivers.get(name);
        }
        if (known == null) {
            throw new VolumeException("driver name " + name + " not found in the list of registered CSI drivers");
        }
        return known.driver;
    }

    /** Ends all connections. */
    @Override
    public synchronized void close() {
        drivers.values().forEach(known -> known.channel.shutdownNow());
        drivers.clear();
    }
}
