package io.keelson.agent.plugins;

import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.keelson.agent.wire.registration.InfoRequest;
import io.keelson.agent.wire.registration.PluginInfo;
import io.keelson.agent.wire.registration.RegistrationGrpc;
import io.keelson.agent.wire.registration.RegistrationStatus;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket in the folder, from the moment it is seen. A thread of its own registers what answers there, again when
 * another socket has taken its place, and takes it away when the socket is gone. What fails is tried again, later each
 * time.
 */
final class PluginEntry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginEntry.class);
    private static final Duration CALL_MAX = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(2);

    private final Path socket;
    private final Function<Path, ManagedChannel> connector;
    private final Map<String, PluginHandler> handlers;
    private final Thread thread;
    private final Semaphore changed = new Semaphore(0);
    /** What the socket is told from others by; empty when it is gone. */
    private volatile Optional<String> identity = Optional.empty();

    private volatile boolean ended;
    /** Of the thread alone, as what follows. */
    private @Nullable Plugin registered;

    PluginEntry(Path socket, Function<Path, ManagedChannel> connector, Map<String, PluginHandler> handlers) {
        this.socket = socket;
        this.connector = connector;
        this.handlers = handlers;
        thread = Thread.ofVirtual().name("plugin-" + socket.getFileName()).unstarted(this::work);
    }

    /** It is there, as this one; the first time, work begins. */
    void is(String now) {
        boolean isNew = identity.isEmpty() && thread.getState() == Thread.State.NEW;
        boolean same = identity.filter(now::equals).isPresent();
        identity = Optional.of(now);
        if (isNew) {
            thread.start();
        } else if (!same) {
            changed.release();
        }
    }

    /** It is there no more. */
    void isGone() {
        identity = Optional.empty();
        changed.release();
    }

    /** Whether all is done that was to be done when it was gone. */
    boolean isOver() {
        return ended;
    }

    private void work() {
        String done = "";
        Duration pause = FIRST_PAUSE;
        try {
            while (true) {
                Optional<String> wanted = identity;
                if (wanted.isEmpty()) {
                    deregister();
                    ended = true;
                    return;
                }
                if (wanted.get().equals(done)) {
                    changed.acquire();
                    pause = FIRST_PAUSE;
                    continue;
                }
                try {
                    register();
                    done = wanted.get();
                } catch (PluginProblem e) {
                    LOG.warn("{}: {}; it is tried again in {} ms", socket, e.getMessage(), pause.toMillis());
                    boolean _ = changed.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                    pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause.multipliedBy(2);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{} is not looked at any more", socket, e);
        } finally {
            ended = true;
        }
    }

    private void register() throws PluginProblem, InterruptedException {
        ManagedChannel channel = connector.apply(socket);
        try {
            RegistrationGrpc.RegistrationBlockingV2Stub stub = RegistrationGrpc.newBlockingV2Stub(channel);
            Plugin plugin = plugin(info(stub));
            PluginHandler handler = handlers.get(plugin.type());
            try {
                if (handler == null) {
                    throw new PluginProblem(
                            "no handler registered for plugin type: " + plugin.type() + " at socket " + socket);
                }
                Plugin before = registered;
                if (before != null
                        && !(before.type().equals(plugin.type())
                                && before.name().equals(plugin.name()))) {
                    deregister();
                }
                handler.register(plugin);
                registered = plugin;
            } catch (PluginProblem e) {
                tell(stub, e.getMessage() == null ? "not taken" : e.getMessage());
                throw e;
            } catch (RuntimeException e) {
                // An answer of the plugin that nobody expected must not end the thread.
                tell(stub, e.toString());
                throw new PluginProblem("registration failed: " + e, e);
            }
            tell(stub, "");
            LOG.info("plugin {} of type {} is registered at {}", plugin.name(), plugin.type(), plugin.endpoint());
        } finally {
            channel.shutdownNow();
        }
    }

    private static PluginInfo info(RegistrationGrpc.RegistrationBlockingV2Stub stub)
            throws PluginProblem, InterruptedException {
        try {
            return stub.withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .withWaitForReady()
                    .getInfo(InfoRequest.getDefaultInstance());
        } catch (StatusException e) {
            throwIfInterrupted();
            throw new PluginProblem("failed to get plugin info using RPC GetInfo: " + e.getStatus(), e);
        }
    }

    private static void throwIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while a plugin was asked");
        }
    }

    private Plugin plugin(PluginInfo info) throws PluginProblem {
        if (info.getName().isEmpty() || info.getType().isEmpty()) {
            throw new PluginProblem("GetInfo says no " + (info.getName().isEmpty() ? "name" : "type"));
        }
        Path endpoint;
        try {
            endpoint = info.getEndpoint().isEmpty() ? socket : socket.resolveSibling(info.getEndpoint());
        } catch (InvalidPathException e) {
            throw new PluginProblem("GetInfo names as endpoint what is no path", e);
        }
        return new Plugin(info.getType(), info.getName(), endpoint, info.getSupportedVersionsList());
    }

    /** @param error empty if it was taken */
    private void tell(RegistrationGrpc.RegistrationBlockingV2Stub stub, String error)
            throws PluginProblem, InterruptedException {
        try {
            var _ = stub.withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .notifyRegistrationStatus(RegistrationStatus.newBuilder()
                            .setPluginRegistered(error.isEmpty())
                            .setError(error)
                            .build());
        } catch (StatusException e) {
            throwIfInterrupted();
            throw new PluginProblem("failed to notify the plugin of its registration: " + e.getStatus(), e);
        }
    }

    private void deregister() throws InterruptedException {
        Plugin known = registered;
        registered = null;
        PluginHandler handler = known == null ? null : handlers.get(known.type());
        if (known != null && handler != null) {
            handler.deregister(known);
            LOG.info("plugin {} of type {} at {} is gone", known.name(), known.type(), known.endpoint());
        }
    }

    /** Lets go of it; what is registered stays so. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
