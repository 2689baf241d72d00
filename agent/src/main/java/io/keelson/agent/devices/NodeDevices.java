package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.grpc.ManagedChannel;
import io.keelson.agent.devices.DeviceAccount.Given;
import io.keelson.agent.devices.DeviceAccount.Place;
import io.keelson.agent.plugins.Plugin;
import io.keelson.agent.plugins.PluginHandler;
import io.keelson.agent.plugins.PluginProblem;
import io.keelson.agent.plugins.UnixServer;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import io.keelson.agent.wire.deviceplugin.DevicePluginOptions;
import io.keelson.controllers.process.WholeFile;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of a node that plugins share out. Plugins register at a socket in its folder, or through {@link
 * io.keelson.agent.plugins}. Any thread; the lock is held for calculations only.
 */
public final class NodeDevices implements PluginHandler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDevices.class);
    private static final String SOCKET = "kubelet.sock";
    private static final String CHECKPOINT = "kubelet_internal_checkpoint";
    private static final String VERSION = "v1beta1";
    private static final long CHECKPOINT_BYTES_MAX = 64 << 20;
    private static final int RESOURCES_MAX = 256;
    /** How long a plugin may take to answer, before whoever needs the answer fails. */
    public static final Duration CALL_MAX = Duration.ofMinutes(1);

    /** As the API takes it for things that are counted: with a domain that is not the project's own. */
    private static final String NAME = "(?!requests\\.)(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\\.?)+"
            + "/[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

    private static final int DOMAIN_MAX = 253;

    private final Path folder;
    private final Function<Path, ManagedChannel> connector;
    private final Duration callMax;
    private final Time time;
    private final Runnable changed;
    private final Object lock = new Object();
    private final Object writing = new Object();
    private final Map<String, DevicePool> pools = new TreeMap<>();
    /** Resources that are no more; the node's status says 0 of them. */
    private final Set<String> over = new HashSet<>();

    private final DeviceAccount account;
    private final Allocator allocator;
    private final Listener sessions = new Listener();
    private volatile Consumer<String> onHealth = podUid -> {};
    private @Nullable UnixServer server;
    private boolean closed;

    /**
     * Goes on with what the checkpoint says; nobody can register before the start.
     *
     * @param folder {@code device-plugins} in the agent's root
     * @param connector connects to a Unix socket
     * @param callMax how long a plugin may take to answer
     * @param changed is told when there are other devices than before; must be quick
     */
    public NodeDevices(
            Path folder, Function<Path, ManagedChannel> connector, Duration callMax, Time time, Runnable changed) {
        this.folder = folder;
        this.connector = connector;
        this.callMax = callMax;
        this.time = time;
        this.changed = changed;
        account = read();
        allocator = new Allocator(lock, pools, account);
    }

    private DeviceAccount read() {
        Path file = folder.resolve(CHECKPOINT);
        if (!Files.exists(file)) {
            return new DeviceAccount();
        }
        try {
            if (Files.size(file) > CHECKPOINT_BYTES_MAX) {
                throw new IOException("it is longer than " + CHECKPOINT_BYTES_MAX + " bytes");
            }
            DeviceAccount.Checkpoint found = DeviceAccount.parse(Files.readString(file, StandardCharsets.UTF_8));
            Instant now = time.steady();
            found.registered().forEach(resource -> pools.put(resource, DevicePool.awaited(now)));
            return found.account();
        } catch (IOException e) {
            LOG.error(
                    "{} is not used, so devices of pods that run may be given to others: {}; drain the node to be sure",
                    file,
                    e.getMessage());
            return new DeviceAccount();
        }
    }

    /**
     * Lets plugins register. Sockets of plugins in the folder are taken away: plugins see that, and register again.
     *
     * @throws IOException if the folder or the socket cannot be made
     */
    public void start() throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                boolean isSocket = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther();
                if (isSocket && !file.getFileName().toString().equals(SOCKET)) {
                    Files.delete(file);
                }
            }
        }
        server = UnixServer.start(folder.resolve(SOCKET), List.of(new RegistrationService(this)));
    }

    /**
     * A plugin registers at the socket.
     *
     * @param endpoint the name of its own socket in the folder
     * @throws PluginProblem if it cannot be taken
     */
    void register(String version, String endpoint, String resource, DevicePluginOptions options) throws PluginProblem {
        if (!version.equals(VERSION)) {
            throw new PluginProblem("requested API version \"" + version
                    + "\" is not supported by kubelet. Supported versions are [\"" + VERSION + "\"]");
        }
        if (endpoint.isEmpty()
                || endpoint.equals(".")
                || endpoint.equals("..")
                || endpoint.indexOf('/') >= 0
                || endpoint.indexOf('\0') >= 0) {
            throw new PluginProblem("the endpoint has to be the name of a socket in " + folder);
        }
        open(resource, folder.resolve(endpoint), options);
    }

    private void open(String resource, Path socket, DevicePluginOptions options) throws PluginProblem {
        String domain = resource.substring(0, Math.max(0, resource.indexOf('/')));
        if (!resource.matches(NAME)
                || domain.length() > DOMAIN_MAX
                || domain.equals("kubernetes.io")
                || domain.endsWith(".kubernetes.io")) {
            throw new PluginProblem("the ResourceName \"" + resource + "\" is invalid");
        }
        PluginSession session =
                new PluginSession(resource, socket, connector.apply(socket), options, callMax, sessions);
        Optional<PluginSession> before;
        synchronized (lock) {
            if (closed || (!pools.containsKey(resource) && pools.size() >= RESOURCES_MAX)) {
                session.close();
                throw new PluginProblem(
                        closed ? "the agent ends" : "there are more than " + RESOURCES_MAX + " resources of plugins");
            }
            over.remove(resource);
            before = pools.computeIfAbsent(resource, any -> new DevicePool()).begin(session);
        }
        before.ifPresent(PluginSession::close);
        session.start();
        LOG.info("device plugin for {} is registered at {}", resource, socket);
    }

    @Override
    public void register(Plugin plugin) throws PluginProblem, InterruptedException {
        if (!plugin.versions().contains(VERSION)) {
            throw new PluginProblem("device plugin \"" + plugin.name() + "\" speaks " + plugin.versions()
                    + ", of which none is supported: it must speak " + VERSION);
        }
        DevicePluginOptions options;
        ManagedChannel channel = connector.apply(plugin.endpoint());
        try {
            options = PluginSession.options(channel, callMax);
        } catch (DeviceProblem e) {
            throw new PluginProblem("GetDevicePluginOptions: " + e.message(), e);
        } finally {
            channel.shutdownNow();
        }
        open(plugin.name(), plugin.endpoint(), options);
    }

    /**
     * Who is told, before any plugin registers, whose devices are otherwise than before: the uid of a pod. He must be
     * quick.
     */
    public void onHealth(Consumer<String> listener) {
        onHealth = listener;
    }

    @Override
    public void deregister(Plugin plugin) {
        Optional<PluginSession> session;
        Set<String> users = Set.of();
        synchronized (lock) {
            DevicePool pool = pools.get(plugin.name());
            session = pool == null
                    ? Optional.empty()
                    : pool.session().filter(known -> known.socket().equals(plugin.endpoint()));
            if (pool != null && session.isPresent()) {
                pool.end(time.steady());
                users = account.users(plugin.name());
            }
        }
        session.ifPresent(PluginSession::close);
        users.forEach(onHealth);
        changed.run();
    }

    /** What the sessions of plugins tell. */
    private final class Listener implements PluginSession.Listener {
        @Override
        public void told(PluginSession session, List<KnownDevice> devices) {
            Set<String> users;
            synchronized (lock) {
                DevicePool pool = pools.get(session.resource());
                if (pool == null || pool.session().filter(session::equals).isEmpty()) {
                    // Another one has taken its place.
                    return;
                }
                users = pool.told(devices) ? account.users(session.resource()) : Set.of();
            }
            note();
            users.forEach(onHealth);
            changed.run();
        }

        @Override
        public void ended(PluginSession session) {
            Set<String> users;
            synchronized (lock) {
                DevicePool pool = pools.get(session.resource());
                if (closed
                        || pool == null
                        || pool.session().filter(session::equals).isEmpty()) {
                    return;
                }
                pool.end(time.steady());
                users = account.users(session.resource());
            }
            users.forEach(onHealth);
            changed.run();
        }
    }

    private void note() {
        try {
            write();
        } catch (IOException e) {
            synchronized (lock) {
                if (closed) {
                    return;
                }
            }
            // What pods have stands there already; which resources there are is told again.
            LOG.warn("{} is not written: {}", folder.resolve(CHECKPOINT), e.toString());
        }
    }

    /** One after the other, the newest last; nothing once this is closed, as the folder may be another's then. */
    private void write() throws IOException {
        synchronized (writing) {
            String text;
            synchronized (lock) {
                if (closed) {
                    throw new IOException("the agent ends");
                }
                Map<String, Set<String>> registered = new TreeMap<>();
                pools.forEach((resource, pool) -> registered.put(resource, pool.healthy()));
                text = account.json(registered);
            }
            WholeFile.writeDurably(folder.resolve(CHECKPOINT), text);
        }
    }

    /**
     * How many there are, for the node's status. Those of a plugin that has been away for five minutes are not
     * counted.
     */
    public DeviceCounts counts() {
        Map<String, Long> capacity = new HashMap<>();
        Map<String, Long> allocatable = new HashMap<>();
        synchronized (lock) {
            Instant now = time.steady();
            pools.entrySet().removeIf(entry -> entry.getValue().isOver(now) && over.add(entry.getKey()));
            over.forEach(resource -> {
                capacity.put(resource, 0L);
                allocatable.put(resource, 0L);
            });
            pools.forEach((resource, pool) -> {
                capacity.put(resource, (long) pool.size());
                allocatable.put(resource, (long) pool.healthy().size());
            });
        }
        return new DeviceCounts(capacity, allocatable);
    }

    /**
     * Takes what a container is to have, so that no other gets it; right when repeated. No plugin is asked.
     *
     * @param where it is to be, if that matters: what is near is taken first
     * @throws DeviceProblem if not all of it can be had; then nothing is taken
     */
    void take(Pod pod, Container container, Optional<NodeSet> where) throws DeviceProblem {
        var _ = allocator.take(pod, container, where);
    }

    /** From which of the machine's nodes a container could have its devices, or has them. */
    Map<String, List<Hint>> hints(Pod pod, Container container, NodeSet all) throws DeviceProblem {
        return allocator.hints(pod, container, all);
    }

    /** From which all containers of a pod could. */
    Map<String, List<Hint>> hints(Pod pod, NodeSet all) throws DeviceProblem {
        return allocator.hints(pod, all);
    }

    /**
     * Asks plugins for what was taken for a pod; right when repeated. What it has is on the disk then.
     *
     * @throws DeviceProblem if one refuses or does not answer; what was taken stays so until the pod is released
     */
    void complete(Pod pod) throws DeviceProblem, InterruptedException {
        boolean hasMore = false;
        for (PodContainer container : Allocator.inOrder(pod)) {
            hasMore |= allocator.complete(pod, container.container());
        }
        if (hasMore) {
            noteSurely();
        }
    }

    private void noteSurely() throws DeviceProblem {
        try {
            write();
        } catch (IOException e) {
            throw new DeviceProblem("the checkpoint cannot be written: " + e, e);
        }
    }

    /**
     * What a container has of each resource, by its name; asks plugins to make it ready. A container that was let in when
     * nobody shared its resource out gets it now.
     */
    Map<String, Given> prepare(Pod pod, Container container) throws DeviceProblem, InterruptedException {
        Place place = new Place(pod.getMetadata().getUid(), container.getName());
        Set<String> taken = allocator.take(pod, container, Optional.empty());
        boolean done = false;
        try {
            if (allocator.complete(pod, container)) {
                noteSurely();
            }
            done = true;
        } finally {
            if (!done) {
                synchronized (lock) {
                    account.remove(place, taken);
                }
            }
        }
        Map<String, Given> given;
        List<PluginSession> known = new ArrayList<>();
        synchronized (lock) {
            given = account.of(place);
            for (String resource : given.keySet()) {
                DevicePool pool = pools.get(resource);
                if (pool != null) {
                    pool.session().ifPresent(known::add);
                }
            }
        }
        for (PluginSession session : known) {
            Given what = given.get(session.resource());
            if (what != null) {
                session.preStart(what.ids());
            }
        }
        return given;
    }

    /** What a container has, also what is only kept for it while its plugin is asked. */
    Map<String, Given> of(String podUid, String container) {
        synchronized (lock) {
            return account.of(new Place(podUid, container));
        }
    }

    /** How the devices are that a container was given, by resource. */
    List<ResourceStatus> health(String podUid, String container) {
        List<ResourceStatus> all = new ArrayList<>();
        synchronized (lock) {
            new TreeMap<>(account.of(new Place(podUid, container))).forEach((resource, given) -> {
                DevicePool pool = pools.get(resource);
                if (given.isAnswered()) {
                    all.add(new ResourceStatus(
                            resource,
                            given.ids().stream()
                                    .map(id ->
                                            new ResourceHealth(pool == null ? DevicePool.UNKNOWN : pool.health(id), id))
                                    .toList()));
                }
            });
        }
        return all;
    }

    /** What a container was given by plugins. */
    Map<String, Given> allocated(String podUid, String container) {
        Map<String, Given> all = new TreeMap<>(of(podUid, container));
        all.values().removeIf(given -> !given.isAnswered());
        return all;
    }

    /** The devices of each resource that can be had. */
    Map<String, Collection<KnownDevice>> available() {
        Map<String, Collection<KnownDevice>> all = new TreeMap<>();
        synchronized (lock) {
            pools.forEach((resource, pool) -> all.put(
                    resource, pool.all().stream().filter(KnownDevice::healthy).toList()));
        }
        return all;
    }

    /** The pods that have devices, also from before a restart. */
    Set<String> pods() {
        synchronized (lock) {
            return account.pods();
        }
    }

    /** A pod is gone: others may have its devices. Right when repeated. */
    void release(String podUid) {
        boolean had;
        allocator.forget(podUid);
        synchronized (lock) {
            had = account.release(podUid);
        }
        if (had) {
            note();
        }
    }

    /** Leaves all plugins; pods keep what they have. */
    @Override
    public void close() {
        List<PluginSession> all = new ArrayList<>();
        // What is being written is written whole.
        synchronized (writing) {
            synchronized (lock) {
                closed = true;
                pools.values().forEach(pool -> pool.session().ifPresent(all::add));
            }
        }
        if (server != null) {
            server.close();
        }
        all.forEach(PluginSession::close);
    }
}
